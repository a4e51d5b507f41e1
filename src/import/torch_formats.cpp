#include "import/torch_formats.h"

#include <fmt/format.h>

#include "core/files.h"
#include "core/json.h"
#include "core/sha256.h"
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

/// The model quantized for static int8, at the shapes of the request: the same file for each engine that runs it.
Result<Variant> make_quantized(const Exporter& exporter, cache::Cache& cache, const TorchSource& source, const VariantRequest& request,
                               const CancelToken& cancel, const OnProgress& on_progress) {
  if (request.calibration.empty())
    return fail(ErrorCode::unsupported, "int8-static needs calibration data, and there is none", "give it with --calibration FILE.npz");
  const auto hash = sha256_of_path(request.calibration);
  if (!hash) return tl::unexpected(hash.error());
  const nlohmann::json inputs = inputs_as_json(request.inputs);
  // The processor decides on the range of activations.
  FileToMake file{"quantized", key_of(exporter, source, {machine_key(), dump_json(inputs), *hash}), "quantized.pt2", {}};
  file.make = [&](const std::filesystem::path& folder) {
    const nlohmann::json asked{
        {"inputs", inputs}, {"calibration", std::filesystem::absolute(request.calibration).string()}, {"threads", request.threads}};
    return exporter.run("quantize", source.file, folder, asked, cancel, on_progress);
  };
  auto variant = make_or_find(cache, file, cancel);
  if (variant) variant->path.replace_filename("source.json");  // which describes it, as the source of a model
  return variant;
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

Result<Variant> make_torch(const Exporter& exporter, cache::Cache& cache, const TorchSource& source, const VariantRequest& request,
                           const CancelToken& cancel, const OnProgress& on_progress) {
  if (request.precision == Precision::int8_static) return make_quantized(exporter, cache, source, request, cancel, on_progress);
  auto variant = existing_file(source.file, source.sha256);
  if (!variant) return variant;
  variant->bytes = bytes_of(source.hold.folder());
  variant->hold = source.hold;
  return variant;
}

Result<Variant> make_aoti(const Exporter& exporter, cache::Cache& cache, const TorchSource& source, const VariantRequest& request,
                          const CancelToken& cancel, const OnProgress& on_progress) {
  const auto taken = make_torch(exporter, cache, source, request, cancel, on_progress);
  if (!taken) return taken;
  const nlohmann::json asked = aoti_request(request);
  std::vector<std::string> own_key{machine_key(), dump_json(asked)};
  if (request.build > 0) own_key.push_back(fmt::format("build {}", request.build));
  if (request.precision == Precision::int8_static) own_key.push_back(taken->sha256);
  FileToMake file{"aoti", key_of(exporter, source, own_key), "model.pt2", {}};
  file.make = [&](const std::filesystem::path& folder) -> Result<void> {
    return exporter.run("aoti", taken->path, folder, asked, cancel, on_progress);
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
