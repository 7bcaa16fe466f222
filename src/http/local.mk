# The files of src/http.
