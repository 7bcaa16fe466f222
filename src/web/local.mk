# The files of src/web.
