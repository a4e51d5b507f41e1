#include <fmt/format.h>

#include <algorithm>

#include "core/files.h"
#include "core/json.h"
#include "core/sha256.h"
#include "core/temporary_folder.h"
#include "core/text.h"
#include "import/exporter.h"
#include "import/made_file.h"
#include "import/model_source.h"
#include "import/pt2_program.h"
#include "import/torch_facts.h"
#include "import/torch_formats.h"

namespace podium::import {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr const char* source_file = "source.json";
constexpr const char* facts_file = "facts.json";
constexpr const char* asked_file = "asked.json";
constexpr const char* entry_kind = "torch";

/// A model that PyTorch builds, described once and kept with its weights, so that every engine gets the same ones.
class TorchModel final : public ModelSource {
 public:
  TorchModel(Exporter exporter, const cache::Cache& cache, cache::Entry entry, ModelFacts read)
      : exporter_(std::move(exporter)), cache_(cache), source_{entry.folder() / source_file, read.sha256, entry} {
    facts = std::move(read);
  }

  [[nodiscard]] Result<Variant> variant(const VariantRequest& request, const CancelToken& cancel, const OnProgress& on_progress) override {
    if (request.format == "onnx") return make_onnx(exporter_, cache_, source_, request.precision, cancel, on_progress);
    if (request.format == "aoti") return make_aoti(exporter_, cache_, source_, request, cancel, on_progress);
    if (request.format != "torch") return unknown_format(request.format);
    return make_torch(exporter_, cache_, source_, request, cancel, on_progress);
  }

 private:
  Exporter exporter_;
  cache::Cache cache_;
  TorchSource source_;
};

Result<void> describe(const Exporter& exporter, const json& source, const fs::path& folder, const ImportContext& context) {
  if (auto written = write_file_atomically(folder / asked_file, dump_json(source)); !written) return written;
  return exporter.run("describe", folder / asked_file, folder, json::object(), context.cancel, context.on_progress);
}

ImportedSource from_entry(Exporter exporter, const ImportContext& context, cache::Entry entry) {
  auto facts = read_torch_facts(entry.folder() / facts_file);
  if (!facts) return tl::unexpected(facts.error());
  auto model = std::make_unique<TorchModel>(std::move(exporter), context.cache, std::move(entry), std::move(*facts));
  if (!model->facts.trained_weights)
    model->notices.emplace_back(
        "the weights are random, drawn from a fixed seed: speed means something, answers do not; --weights FILE gives real ones");
  return model;
}

json shapes_of(const ImportRequest& request) {
  json shapes = json::object();
  for (const auto& [name, shape] : request.shapes) shapes[name] = shape;
  return shapes;
}

/// A model whose file or name tells all that it depends on.
ImportedSource import_by_key(const ImportContext& context, const json& source, const std::vector<std::string>& key) {
  auto exporter = Exporter::find(context.request.python, context.cancel);
  if (!exporter) return tl::unexpected(exporter.error());
  std::vector<std::string> parts = exporter->key_parts();
  parts.insert(parts.end(), key.begin(), key.end());
  auto entry = context.cache.get(
      entry_kind, parts, [&](const fs::path& folder) { return describe(*exporter, source, folder, context); }, &context.cancel);
  if (!entry) return tl::unexpected(entry.error());
  return from_entry(std::move(*exporter), context, std::move(*entry));
}

/// Hash of a file that the user named with `flag`.
Result<std::string> hash_of_users_file(const fs::path& file, const std::string& flag) {
  std::error_code error;
  if (!fs::is_regular_file(file, error)) {
    return fail(ErrorCode::bad_input, fmt::format("{} '{}': there is no such file", flag, printable(file.string())), "check the path");
  }
  return sha256_of_path(file);
}

/// Names and hashes of the files of a folder, not of folders in it; sorted by name.
Result<std::vector<std::string>> hashes_of_folder(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    if (entry->is_regular_file(error)) files.push_back(entry->path());
  }
  if (error)
    return fail(ErrorCode::bad_input, fmt::format("'{}' cannot be read: {}", printable(folder.string()), error.message()),
                "check the path");
  std::sort(files.begin(), files.end());
  std::vector<std::string> hashes;
  for (const fs::path& file : files) {
    auto hash = sha256_of_path(file);
    if (!hash) return tl::unexpected(hash.error());
    hashes.push_back(file.filename().string() + " " + *hash);
  }
  return hashes;
}

Result<void> move_files(const fs::path& from, const fs::path& to) {
  std::error_code error;
  fs::copy(from, to, fs::copy_options::recursive, error);
  if (error)
    return fail(ErrorCode::io, fmt::format("cannot write to '{}': {}", to.string(), error.message()),
                "free some space there, or set XDG_CACHE_HOME to another disk");
  return {};
}

}  // namespace

ImportedSource import_torchvision(const ImportContext& context) {
  json source{{"kind", "torchvision"}, {"name", context.model.rest}, {"shapes", shapes_of(context.request)}};
  std::string weights = "seeded";
  if (!context.request.weights.empty()) {
    auto hash = hash_of_users_file(context.request.weights, "--weights");
    if (!hash) return tl::unexpected(hash.error());
    weights = std::move(*hash);
  }
  const std::vector<std::string> key{dump_json(source), weights};
  if (!context.request.weights.empty()) source["weights"] = fs::absolute(context.request.weights).string();
  return import_by_key(context, source, key);
}

ImportedSource import_hugging_face(const ImportContext& context) {
  const fs::path folder = fs::absolute(context.model.rest);
  std::error_code error;
  if (!fs::is_regular_file(folder / "config.json", error)) {
    return fail(ErrorCode::bad_input,
                fmt::format("'{}' is no folder of a Hugging Face model: it holds no config.json", printable(context.request.model)),
                "give the folder that save_pretrained() wrote, as hf:DIR; nothing is fetched from a network");
  }
  auto hashes = hashes_of_folder(folder);
  if (!hashes) return tl::unexpected(hashes.error());
  const json source{{"kind", "hugging_face"}, {"path", folder.string()}, {"shapes", shapes_of(context.request)}};
  std::vector<std::string> key{dump_json(source)};
  key.insert(key.end(), hashes->begin(), hashes->end());
  return import_by_key(context, source, key);
}

ImportedSource import_exported_program(const ImportContext& context) {
  const fs::path file = fs::absolute(context.model.rest);
  const auto hash = hash_of_users_file(file, "MODEL");
  if (!hash) return tl::unexpected(hash.error());
  const json source{{"kind", "program"}, {"path", file.string()}, {"shapes", shapes_of(context.request)}};
  return import_by_key(context, source, {dump_json(source), *hash});
}

/// What a function depends on is known only once it has run: it is described each time, and what is made of it is kept by the hash found.
ImportedSource import_python_function(const ImportContext& context) {
  auto exporter = Exporter::find(context.request.python, context.cancel);
  if (!exporter) return tl::unexpected(exporter.error());
  std::error_code error;
  const fs::path here = fs::current_path(error);
  if (error)
    return fail(ErrorCode::io, fmt::format("the current folder cannot be told: {}", error.message()), "change to a folder that exists");
  const json source{
      {"kind", "python"}, {"function", context.model.rest}, {"directory", here.string()}, {"shapes", shapes_of(context.request)}};
  const auto scratch = TemporaryFolder::create({}, "podium-import");
  if (!scratch) return tl::unexpected(scratch.error());
  if (auto described = describe(*exporter, source, scratch->path(), context); !described) return tl::unexpected(described.error());
  const auto facts = read_torch_facts(scratch->path() / facts_file);
  if (!facts) return tl::unexpected(facts.error());
  std::vector<std::string> parts = exporter->key_parts();
  parts.insert(parts.end(), {dump_json(source), facts->sha256});
  auto entry = context.cache.get(
      entry_kind, parts, [&](const fs::path& folder) { return move_files(scratch->path(), folder); }, &context.cancel);
  if (!entry) return tl::unexpected(entry.error());
  return from_entry(std::move(*exporter), context, std::move(*entry));
}

}  // namespace podium::import
