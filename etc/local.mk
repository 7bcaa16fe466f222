# The files of etc.
