# The files of src/store.
