"""A folder of clips, analysed by several workers into a store of clients and their results.

`runner.run_batch` reads top to bottom like the work: find the clips (`discover`, `manifest`), look into each
and decide what is to do (`plan`), let workers do it (`pool`, `worker`, `work`), put results in their place
and into the store one by one (`results`), write the overview. Whatever ends a run, the next goes on from
there (`scratch`).
"""
