#include "import/exporter.h"

#include <fmt/format.h>

#include "core/error_code.h"
#include "core/files.h"
#include "core/install_paths.h"
#include "core/json.h"
#include "core/sha256.h"
#include "core/temporary_folder.h"
#include "core/text.h"
#include "worker/guarded_process.h"

namespace podium::import {
namespace {

namespace fs = std::filesystem;

constexpr const char* python_remedy = "run scripts/setup without --light, or set PODIUM_PYTHON to a Python interpreter that has PyTorch";
constexpr std::string_view progress_mark = "podium: ";
constexpr const char* error_file = "error.json";
constexpr const char* request_file = "request.json";
/// Compiling a large model takes long; a user who has waited enough presses Ctrl-C.
constexpr std::chrono::hours export_timeout{1};

/// Hash of the exporter's code. Its folder also holds what Python compiles for itself, which is no part of it.
Result<std::string> hash_of_code(const fs::path& package) {
  std::vector<fs::path> files;
  std::error_code error;
  for (fs::recursive_directory_iterator entry(package, error), end; !error && entry != end; entry.increment(error)) {
    if (entry->path().extension() == ".py") files.push_back(entry->path());
  }
  if (error || files.empty()) {
    return fail(ErrorCode::unavailable, fmt::format("Podium's Python package is not in '{}'", package.string()),
                "install Podium again, or set PODIUM_HOME to where it is");
  }
  std::sort(files.begin(), files.end());
  Sha256 hash;
  for (const fs::path& file : files) {
    const auto text = read_text_file(file);
    if (!text) return tl::unexpected(text.error());
    hash.update(fmt::format("{} {}\n", fs::relative(file, package, error).string(), text->size())).update(*text);
  }
  return hash.hex_digest();
}

/// The error that the exporter left behind, where it did.
std::optional<Error> reported_error(const fs::path& file) {
  const auto text = read_text_file(file, 1 << 20);
  if (!text) return std::nullopt;
  const auto object = parse_json(*text, "the exporter's error");
  if (!object || !object->is_object() || !object->contains("error")) return std::nullopt;
  const nlohmann::json& error = object->at("error");
  const auto field = [&](const char* key) {
    return error.is_object() && error.contains(key) && error[key].is_string() ? error[key].get<std::string>() : std::string();
  };
  return Error{parse_error_code(field("code")).value_or(ErrorCode::failed), printable(field("message")), printable(field("remedy"))};
}

}  // namespace

Result<Exporter> Exporter::find(const std::vector<std::string>& python, const CancelToken& cancel) {
  if (python.empty())
    return fail(ErrorCode::unavailable, "running it this way needs PyTorch, and no Python interpreter with it is known", python_remedy);
  Exporter exporter(python);
  auto code = hash_of_code(find_install_paths().python / "podium_torch");
  if (!code) return tl::unexpected(code.error());
  exporter.key_parts_ = {"exporter", std::move(*code)};
  if (auto read = exporter.read_versions(cancel); !read) return tl::unexpected(read.error());
  return exporter;
}

Result<void> Exporter::read_versions(const CancelToken& cancel) {
  const auto folder = TemporaryFolder::create({}, "podium-import");
  if (!folder) return tl::unexpected(folder.error());
  if (auto ran = call({"versions"}, folder->path(), cancel, {}); !ran) {
    if (ran.error().code == ErrorCode::cancelled) return ran;
    return fail(ErrorCode::unavailable,
                fmt::format("the Python interpreter '{}' does not run: {}", printable(join(python_, " ")), ran.error().message),
                python_remedy);
  }
  const auto text = read_text_file(folder->path() / "versions.json");
  if (!text) {
    return fail(ErrorCode::unavailable,
                fmt::format("'{}' is no Python interpreter: it ended without telling any versions", printable(join(python_, " "))),
                python_remedy);
  }
  const auto versions = parse_json(*text, "the versions of Python's packages");
  if (!versions) return tl::unexpected(versions.error());
  if (!versions->is_object() || versions->value("torch", "").empty()) {
    return fail(ErrorCode::unavailable,
                fmt::format("running it this way needs PyTorch, and the Python interpreter '{}' has none", printable(join(python_, " "))),
                python_remedy);
  }
  key_parts_.push_back(versions->dump());
  return {};
}

Result<void> Exporter::run(const std::string& what, const fs::path& source, const fs::path& folder, const nlohmann::json& request,
                           const CancelToken& cancel, const OnProgress& on_progress) const {
  const auto scratch = TemporaryFolder::create({}, "podium-import");
  if (!scratch) return tl::unexpected(scratch.error());
  const fs::path asked = scratch->path() / request_file;
  const fs::path refused = scratch->path() / error_file;
  if (auto written = write_file_atomically(asked, dump_json(request)); !written) return written;
  auto ran =
      call({what, "--source", source.string(), "--request", asked.string(), "--error-file", refused.string()}, folder, cancel, on_progress);
  if (ran || ran.error().code != ErrorCode::failed) return ran;
  if (auto error = reported_error(refused)) return tl::unexpected(std::move(*error));
  return ran;
}

Result<void> Exporter::call(const std::vector<std::string>& arguments, const fs::path& folder, const CancelToken& cancel,
                            const OnProgress& on_progress) const {
  worker::Command command;
  command.arguments = python_;
  command.arguments.insert(command.arguments.end(), {"-m", "podium_torch.export"});
  command.arguments.insert(command.arguments.end(), arguments.begin(), arguments.end());
  command.arguments.insert(command.arguments.end(), {"--out", folder.string()});
  command.environment = python_environment();
  return worker::run_guarded(command, {export_timeout, 0}, cancel, [&](const std::string& line) {
    if (on_progress && line.starts_with(progress_mark)) on_progress(printable(line.substr(progress_mark.size())));
  });
}

}  // namespace podium::import
