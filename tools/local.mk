# The files of tools.
