#include "import/torch_formats.h"

#include <fmt/format.h>

#include "core/files.h"
#include "core/json.h"
#include "core/text.h"
#include "import/aoti_request.h"
#include "import/made_file.h"

namespace podium::import {
namespace {

std::vector<std::string> key_of(const Exporter& exporter, const TorchSource& source, const std::vector<std::string>& more) {
  std::vector<std::string> parts = exporter.key_parts();
  parts.push_back(source.sha256);
  parts.insert(parts.end(), more.begin(), more.end());
  return parts;
}

/// What the exporter wants a person to know of the file that it wrote.
void pass_on_notes(const std::filesystem::path& folder, const OnProgress& on_progress) {
  const auto text = read_text_file(folder / "notes.json");
  const auto notes = text ? parse_json(*text, "the exporter's notes") : Result<nlohmann::json>(nlohmann::json::array());
  if (!on_progress || !notes || !notes->is_array()) return;
  for (const nlohmann::json& note : *notes) {
    if (note.is_string()) on_progress(printable(note.get<std::string>()));
  }
}

}  // namespace

Result<Variant> make_onnx(const Exporter& exporter, cache::Cache& cache, const TorchSource& source, Precision precision,
                          const CancelToken& cancel, const OnProgress& on_progress) {
  if (auto made = check_onnx_precision(precision); !made) return tl::unexpected(made.error());
  FileToMake file{"onnx", key_of(exporter, source, {}), "model.onnx", {}};
  file.make = [&](const std::filesystem::path& folder) {
    return exporter.run("onnx", source.file, folder, nlohmann::json::object(), cancel, on_progress);
  };
  auto variant = make_or_find(cache, file, cancel);
  if (variant) pass_on_notes(variant->path.parent_path(), on_progress);
  return variant;
}

Result<Variant> make_aoti(const Exporter& exporter, cache::Cache& cache, const TorchSource& source, const VariantRequest& request,
                          const CancelToken& cancel, const OnProgress& on_progress) {
  const std::string machine = machine_key();
  nlohmann::json asked = aoti_request(request);
  std::vector<std::string> own_key{machine, dump_json(asked)};
  std::vector<std::string> shared_key = exporter.key_parts();
  shared_key.push_back(machine);
  // A rebuild must not find the kernels of the build before in the compiler's cache.
  if (request.build > 0) {
    own_key.push_back(fmt::format("build {}", request.build));
    shared_key.push_back(own_key.back());
  }
  FileToMake file{"aoti", key_of(exporter, source, own_key), "model.pt2", {}};
  file.make = [&](const std::filesystem::path& folder) -> Result<void> {
    const auto shared = cache.working_folder("inductor", shared_key);
    if (!shared) return tl::unexpected(shared.error());
    asked["cache"] = shared->folder().string();
    return exporter.run("aoti", source.file, folder, asked, cancel, on_progress);
  };
  return make_or_find(cache, file, cancel);
}

Result<void> check_onnx_precision(Precision precision) {
  if (precision == Precision::fp32 || precision == Precision::tf32 || precision == Precision::bf16) return {};
  return fail(ErrorCode::unsupported, fmt::format("the model is not converted to {} in ONNX", to_string(precision)),
              "choose --precisions fp32,bf16");
}

tl::unexpected<Error> unknown_format(const std::string& format) {
  return fail(ErrorCode::unsupported, fmt::format("no model can be had in the format '{}'", printable(format)),
              "formats are: onnx, torch, aoti");
}

}  // namespace podium::import
