"""The whole desk without doors, threads or a smarthost, at a clock that is moved by hand."""
