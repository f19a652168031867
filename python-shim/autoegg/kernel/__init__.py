"""The shim inside an IPython kernel: before each cell, it brings disk, driver and Spark's workers into agreement, or refuses the cell.

``session`` puts the parts together; ``gate`` says when; ``sync`` says what; ``locality`` and ``libraries`` say which code.
"""
