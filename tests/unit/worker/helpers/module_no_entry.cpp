/// A shared library that is no backend.
extern "C" int some_other_function();
extern "C" int some_other_function() {
  return 7;
}
