// Two results can be compared, no more and no fewer.
const form = document.getElementById("runs");
if (form) {
  const boxes = [...form.querySelectorAll("input[name=run]")];
  const button = document.getElementById("compare");
  const count = () => {
    const ticked = boxes.filter((box) => box.checked).length;
    button.disabled = ticked !== 2;
    for (const box of boxes) box.disabled = ticked === 2 && !box.checked;
  };
  form.addEventListener("change", count);
  window.addEventListener("pageshow", count); // a browser that comes back has ticked what was ticked
}
