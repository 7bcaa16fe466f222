# The files of src/domain.
