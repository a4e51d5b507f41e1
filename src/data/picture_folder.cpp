#include "data/picture_folder.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <string>
#include <system_error>

#include "core/text.h"
#include "data/preprocess.h"

namespace podium::data {

namespace fs = std::filesystem;

namespace {

bool is_picture_name(const fs::path& file) {
  std::string extension = file.extension().string();
  std::transform(extension.begin(), extension.end(), extension.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return extension == ".jpg" || extension == ".jpeg" || extension == ".png";
}

/// Pictures of the folder in order of file name.
Result<std::vector<fs::path>> list_pictures(const fs::path& folder) {
  std::vector<fs::path> files;
  bool has_folders = false;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    std::error_code ignored;
    has_folders = has_folders || it->is_directory(ignored);
    if (is_picture_name(it->path()) && !it->is_directory(ignored)) files.push_back(it->path());
  }
  const std::string name = printable(folder.string());
  if (error) return fail(ErrorCode::io, fmt::format("cannot read the folder '{}': {}", name, error.message()), "Check its permissions.");
  if (files.empty()) {
    return fail(ErrorCode::bad_input,
                fmt::format("there is no picture (.jpg, .jpeg, .png) in the folder '{}'{}", name, has_folders ? " itself" : ""),
                has_folders ? "Name one of the folders in it with --data." : "Name a folder of pictures with --data.");
  }
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

Result<InputSet> read_picture_folder(const fs::path& folder, const std::vector<WantedInput>& inputs, std::size_t limit) {
  if (inputs.size() != 1) {
    return fail(ErrorCode::wrong_use, fmt::format("the model has {} inputs, and a folder of pictures serves one", inputs.size()),
                "Give its inputs as arrays: --data FILE.npz, with input names as keys.");
  }
  const Result<PictureLayout> layout = picture_layout(inputs.front());
  if (!layout) return tl::unexpected(layout.error());
  Result<std::vector<fs::path>> files = list_pictures(folder);
  if (!files) return tl::unexpected(files.error());
  files->resize(std::min(files->size(), limit));
  InputSet set{
      inputs, {}, fmt::format("{} picture{} from {}", files->size(), files->size() == 1 ? "" : "s", printable(folder.string())), true};
  for (const fs::path& file : *files) {
    const Result<Picture> picture = read_picture(file);
    if (!picture) return tl::unexpected(picture.error());
    set.samples.push_back({preprocess(*picture, *layout)});
  }
  return set;
}

}  // namespace podium::data
