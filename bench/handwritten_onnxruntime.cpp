// ONNX Runtime's C++ API, as its documentation shows it.
#include <dlfcn.h>
#include <onnxruntime_cxx_api.h>

#include "handwritten.h"

namespace {

void open_library() {
  void* library = ::dlopen(ONNXRUNTIME_LIBRARY, RTLD_NOW);
  if (library == nullptr) throw std::runtime_error(::dlerror());
  const auto get_api_base = reinterpret_cast<const OrtApiBase* (*)()>(::dlsym(library, "OrtGetApiBase"));
  Ort::InitApi(get_api_base()->GetApi(ORT_API_VERSION));
}

void measure(handwritten::Arguments& arguments) {
  open_library();
  const Ort::Env env(ORT_LOGGING_LEVEL_ERROR, "handwritten");
  Ort::SessionOptions options;
  options.SetIntraOpNumThreads(arguments.threads);
  Ort::Session session(env, arguments.model.c_str(), options);
  const Ort::AllocatorWithDefaultOptions allocator;
  const auto input_name = session.GetInputNameAllocated(0, allocator);
  const auto output_name = session.GetOutputNameAllocated(0, allocator);
  const char* const inputs[] = {input_name.get()};
  const char* const outputs[] = {output_name.get()};
  const auto memory = Ort::MemoryInfo::CreateCpu(OrtArenaAllocator, OrtMemTypeDefault);
  handwritten::serve(arguments, [&](float* batch) {
    const auto input = Ort::Value::CreateTensor<float>(memory, batch, arguments.batch_values, arguments.shape.data(), arguments.shape.size());
    session.Run(Ort::RunOptions{nullptr}, inputs, &input, 1, outputs, 1);
  });
}

}  // namespace

int main(int count, char** words) { return handwritten::guarded_main(count, words, measure); }
