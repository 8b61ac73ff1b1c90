# Overrides the defaults of train.py, and is overridden by --key=value.
block_size = 12
eval_interval = 100
max_iters = 1600
