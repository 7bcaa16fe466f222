# The files of share.
