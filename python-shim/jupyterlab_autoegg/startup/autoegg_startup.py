# PYTHONSTARTUP of every process that the Jupyter server starts, so it also runs in terminals and in old kernels: it parses
# on Python 2.7, is silent, leaves no name behind, and outside IPython on Python 3.10 and later it only runs the file that
# PYTHONSTARTUP named before. The server also sends this text to kernels whose kernelspec overrides PYTHONSTARTUP
# (`Bootstrap` in src/protocol/events.ts); then `__name__` is not "__main__".
# ruff: noqa: UP031, PTH123
# mypy: ignore-errors


def _autoegg_load():
    import os
    import sys

    if sys.version_info < (3, 10) or os.environ.get("AUTOEGG_DISABLE", "0") not in ("", "0"):
        return
    try:
        shell = get_ipython()
    except NameError:
        return
    for name, value in globals().get("server_environment", {}).items():
        # On another machine than the server's these paths mean nothing; a path that the kernel has already stays unless
        # its server is gone.
        if os.path.isdir(os.path.dirname(value)) and not os.path.isdir(
            os.path.dirname(os.environ.get(name, ""))
        ):
            os.environ[name] = value
    try:
        try:
            import autoegg
        except ImportError:
            shim = os.environ.get("AUTOEGG_SHIM")
            if not shim:
                raise
            # At the end, and nothing but autoegg lies in there: no other import changes its meaning.
            if shim not in sys.path:
                sys.path.append(shim)
            import autoegg  # noqa: F401
        if "autoegg" not in shell.extension_manager.loaded:
            shell.run_line_magic("load_ext", "autoegg")
    except Exception as error:
        reason = " ".join(("%s: %s" % (type(error).__name__, error)).split())
        sys.stderr.write(
            "autoegg is not active in this kernel (%s); run `%%load_ext autoegg` to try again.\n" % reason
        )


def _autoegg_chain():
    import os
    import sys

    previous = os.environ.get("AUTOEGG_NEXT_PYTHONSTARTUP")
    here = sys._getframe().f_code.co_filename
    if not previous or not os.path.isfile(previous) or os.path.realpath(previous) == os.path.realpath(here):
        return
    with open(previous, "rb") as file:
        code = compile(file.read(), previous, "exec")
    names = globals()
    names["__file__"], ours = previous, names.get("__file__")
    try:
        exec(code, names)
    finally:
        if ours is None:
            names.pop("__file__", None)
        else:
            names["__file__"] = ours


try:
    _autoegg_load()
    if __name__ == "__main__":
        _autoegg_chain()
finally:
    del _autoegg_load, _autoegg_chain
