// PyTorch's AOTInductor loader: a compiled package, its input a tensor over the caller's memory.
#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <torch/csrc/inductor/aoti_package/model_package_loader.h>

#include "handwritten.h"

namespace {

void measure(handwritten::Arguments& arguments) {
  at::set_num_threads(arguments.threads);
  const c10::InferenceMode inference_only;
  torch::inductor::AOTIModelPackageLoader loader(arguments.model);
  handwritten::serve(arguments, [&](float* batch) {
    const auto outputs = loader.run({at::from_blob(batch, arguments.shape, at::kFloat)});
    outputs.front().data_ptr();
  });
}

}  // namespace

int main(int count, char** words) { return handwritten::guarded_main(count, words, measure); }
