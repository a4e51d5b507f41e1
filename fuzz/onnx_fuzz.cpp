// The reader, the simplifier and the conversion of operator sets on hostile models. See README.md.
#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "core/unique_fd.h"
#include "mutate_model.h"
#include "onnx/check_reads.h"
#include "onnx/model.h"
#include "onnx/opset.h"
#include "onnx/simplify.h"
#include "onnx/value_facts.h"
#include "onnx/whole_model.h"

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t most);

namespace {

/// A file in memory, under a path that can be opened.
class MemoryFile {
 public:
  MemoryFile(const std::uint8_t* data, std::size_t size) : fd_(::memfd_create("model.onnx", MFD_CLOEXEC)) {
    if (!fd_ || ::write(fd_.get(), data, size) != static_cast<ssize_t>(size)) std::abort();
  }
  [[nodiscard]] std::string path() const { return "/proc/self/fd/" + std::to_string(fd_.get()); }

 private:
  podium::UniqueFd fd_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const MemoryFile file(data, size);
  (void)podium::onnx::Model::read(file.path());
  const auto model = podium::onnx::read_whole(file.path());
  if (!model) return 0;
  (void)podium::onnx::check_reads((*model)->graph());
  const podium::onnx::ValueFacts facts((*model)->graph());
  for (const std::int64_t version : {11, 17, 28}) {
    ::onnx::ModelProto copy = **model;
    (void)podium::onnx::convert_opset(copy, version);
    (void)podium::onnx::simplify(copy);
  }
  if (podium::onnx::simplify(**model)) (void)podium::onnx::convert_opset(**model, 21);
  return 0;
}

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t most, unsigned int seed) {
  ::onnx::ModelProto model;
  if (seed % 2 == 0 || !model.ParseFromArray(data, static_cast<int>(size))) return LLVMFuzzerMutate(data, size, most);
  podium::fuzz::mutate(model, seed);
  if (model.ByteSizeLong() > most) return size;
  const std::size_t bytes = model.ByteSizeLong();
  return model.SerializeToArray(data, static_cast<int>(most)) ? bytes : size;
}
