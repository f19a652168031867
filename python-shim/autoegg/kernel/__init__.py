"""The shim inside an IPython kernel: before each cell, disk, driver and Spark's workers are made to agree, or the cell is refused.

``session`` puts the parts together; ``gate`` says when; ``sync`` says what; ``locality`` and ``libraries`` say which code.
"""
