# The files of src/text.
