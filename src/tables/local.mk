# The files of src/tables.
