"""What runs in the child processes: the zygote, its workers, V8 and their confinement.

It is imported by its own name (`engine`) in a bare interpreter, so it uses nothing but the standard library and
mini-racer's C library; each further module would cost every worker memory. The server imports only `wire` from here.
"""
