"""A folder of clips, analysed by several workers into a store of clients and their results.

`runner.run_batch` reads top to bottom like the work: find the clips (`discover`, `manifest`), look into each
and decide what is to do (`plan`), let workers do it (`pool`, `worker`, `work`), put results in their place
and into the store one by one (`results`), write the overview. Whatever ends a run, the next goes on from
there (`scratch`).

Two things can be elsewhere. Clips and results may lie at a URL (`storage`, `discover_url`, `elsewhere` in the
place of `scratch`; `ground` chooses), and the workers may be on other machines (`ray_pool` in the place of
`pool`, `ray_worker`, `ray_cluster`). A run does not know which.
"""
