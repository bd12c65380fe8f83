"""The live check: the recorded analysis' steps in causal forms, one frame after another."""
