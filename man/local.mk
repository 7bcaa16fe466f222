# The files of man.
