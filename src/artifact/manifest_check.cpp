#include "artifact/manifest_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <set>

#include "artifact/manifest_json.h"
#include "core/text.h"

namespace podium::artifact {
namespace {

constexpr std::size_t most_variants = 64;
constexpr std::size_t most_files = 10'000;
constexpr std::size_t longest_path = 255;
constexpr std::size_t highest_rank = 16;
constexpr std::int64_t most_threads = 4096;
constexpr std::int64_t most_tensor_bytes = std::int64_t{1} << 40;
constexpr std::int64_t most_file_bytes = std::int64_t{1} << 44;
constexpr std::size_t digest_digits = 64;

tl::unexpected<Error> damaged(const std::string& what) {
  return fail(ErrorCode::bad_input, "the manifest artifact.json does not hold together: " + what,
              "copy the artefact again, or make it again with podium pack");
}

/// Bytes of a tensor; nothing where a size is hostile.
std::optional<std::int64_t> tensor_bytes(DataType type, const Shape& shape) {
  if (shape.size() > highest_rank) return std::nullopt;
  auto bytes = static_cast<std::int64_t>(size_of(type));
  for (const std::int64_t size : shape) {
    if (size < 0 || (size > 0 && bytes > most_tensor_bytes / size)) return std::nullopt;
    bytes *= size;
  }
  return bytes;
}

/// Sizes of a specification; nothing where an axis is free.
std::optional<Shape> fixed_shape(const TensorSpec& spec) {
  Shape shape;
  for (const Dimension& axis : spec.dimensions) {
    if (axis.is_free()) return std::nullopt;
    shape.push_back(axis.size);
  }
  return shape;
}

bool is_digest(const std::string& text) {
  return text.size() == digest_digits && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

bool is_plain_name(const std::string& text) {
  return !text.empty() && text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-_") == std::string::npos;
}

Result<void> check_files(const Manifest& manifest) {
  if (manifest.files.size() > most_files) return damaged(fmt::format("it lists {} files", manifest.files.size()));
  for (const auto& [path, file] : manifest.files) {
    if (const std::string objection = path_objection(path); !objection.empty())
      return damaged(fmt::format("the path '{}' {}", printable(path), objection));
    if (!is_digest(file.sha256)) return damaged(fmt::format("the hash of '{}' is no SHA-256", printable(path)));
    if (file.bytes < 0 || file.bytes > most_file_bytes)
      return damaged(fmt::format("'{}' is said to have {} bytes", printable(path), file.bytes));
  }
  return {};
}

Result<void> check_listed(const Manifest& manifest, const std::string& path, const std::string& what) {
  if (manifest.files.contains(path)) return {};
  return damaged(fmt::format("{} '{}' is not among its files", what, printable(path)));
}

bool fits(const TensorSpec& declared, const TensorSpec& given) {
  return declared.name == given.name && declared.type == given.type &&
         std::equal(declared.dimensions.begin(), declared.dimensions.end(), given.dimensions.begin(), given.dimensions.end(),
                    [](const Dimension& axis, const Dimension& size) { return axis.is_free() || axis.size == size.size; });
}

Result<void> check_inputs(const Manifest& manifest, const ArtifactVariant& variant, const std::string& where) {
  if (variant.inputs.size() != manifest.inputs.size())
    return damaged(fmt::format("{} takes {} inputs, the model {}", where, variant.inputs.size(), manifest.inputs.size()));
  for (std::size_t i = 0; i < variant.inputs.size(); ++i) {
    const TensorSpec& input = variant.inputs[i];
    const std::optional<Shape> shape = fixed_shape(input);
    if (!shape || !tensor_bytes(input.type, *shape)) return damaged(fmt::format("{}.inputs[{}] has no shape that can be", where, i));
    if (!fits(manifest.inputs[i], input)) return damaged(fmt::format("{}.inputs[{}] is not the model's input", where, i));
  }
  return {};
}

Result<void> check_recorded(const Manifest& manifest, const ArtifactVariant& variant, const std::string& where) {
  if (variant.calls.empty()) return {};
  if (auto listed = check_listed(manifest, variant.recorded, where + ": the file of recorded calls"); !listed) return listed;
  const std::int64_t bytes_there = manifest.files.at(variant.recorded).bytes;
  for (const RecordedCall& call : variant.calls) {
    if (call.inputs.size() != variant.inputs.size()) return damaged(where + ": a recorded call has another number of inputs");
    for (const auto* tensors : {&call.inputs, &call.outputs}) {
      for (const RecordedTensor& tensor : *tensors) {
        const std::optional<std::int64_t> bytes = tensor_bytes(tensor.type, tensor.shape);
        if (bytes && tensor.offset >= 0 && tensor.offset <= bytes_there && *bytes <= bytes_there - tensor.offset) continue;
        return damaged(fmt::format("{}: the recorded tensor '{}' does not lie in its file", where, printable(tensor.name)));
      }
    }
  }
  return {};
}

Result<void> check_variant(const Manifest& manifest, const ArtifactVariant& variant, const std::string& where) {
  if (!is_plain_name(variant.backend)) return damaged(where + ".backend is no name of a backend");
  const ArtifactVariant& first = manifest.variants.front();
  if (variant.backend != first.backend && (variant.device != "cpu" || first.device != "cpu"))
    return fail(ErrorCode::unsupported,
                fmt::format("the artefact holds variants of two engines, {} and {}, on {}", first.backend, variant.backend,
                            printable(variant.device)),
                "make an artefact of one engine: memory of a device cannot be handed to the process that the other would run in");
  if (variant.threads < 1 || variant.threads > most_threads) return damaged(fmt::format("{}.threads is {}", where, variant.threads));
  if (auto listed = check_listed(manifest, variant.model, where + ": the model file"); !listed) return listed;
  if (!variant.evidence.empty()) {
    if (auto listed = check_listed(manifest, variant.evidence, where + ": the evidence"); !listed) return listed;
  }
  if (auto inputs = check_inputs(manifest, variant, where); !inputs) return inputs;
  return check_recorded(manifest, variant, where);
}

}  // namespace

std::string path_objection(const std::string& path) {
  if (path.empty() || path.size() > longest_path) return "is empty or too long";
  if (printable(path) != path || path.find('\\') != std::string::npos) return "holds characters that no file of an artefact has";
  const std::filesystem::path parsed(path);
  if (parsed.is_absolute()) return "is absolute";
  for (const std::filesystem::path& step : parsed) {
    if (step == "..") return "leaves the folder";
    if (step == "." || step.empty()) return "is not written plainly";
  }
  if (path != parsed.lexically_normal().string()) return "is not written plainly";
  return path == manifest_name ? "is that of the manifest itself" : "";
}

Result<void> check_manifest(const Manifest& manifest) {
  if (manifest.variants.empty() || manifest.variants.size() > most_variants)
    return damaged(fmt::format("it holds {} variants", manifest.variants.size()));
  if (auto files = check_files(manifest); !files) return files;
  std::set<std::string> names;
  for (const TensorSpec& input : manifest.inputs) {
    if (!names.insert(input.name).second) return damaged(fmt::format("two inputs are named '{}'", printable(input.name)));
  }
  if (!manifest.evidence.empty()) {
    if (auto listed = check_listed(manifest, manifest.evidence, "the evidence"); !listed) return listed;
  }
  for (std::size_t i = 0; i < manifest.variants.size(); ++i) {
    if (auto checked = check_variant(manifest, manifest.variants[i], fmt::format("variants[{}]", i)); !checked) return checked;
  }
  return {};
}

}  // namespace podium::artifact
