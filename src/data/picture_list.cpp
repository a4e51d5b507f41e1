#include "data/picture_list.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <map>
#include <set>
#include <system_error>

#include "core/text.h"
#include "data/label_table.h"

namespace podium::data {

namespace fs = std::filesystem;

namespace {

constexpr const char* table_name = "labels.csv";
constexpr float largest_class = 1e7F;  // whole numbers up to here are exact as floats

std::string shown(const fs::path& path) {
  return printable(path.string());
}

bool is_picture_name(const fs::path& file) {
  std::string extension = file.extension().string();
  std::transform(extension.begin(), extension.end(), extension.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return extension == ".jpg" || extension == ".jpeg" || extension == ".png";
}

struct Listing {
  std::vector<std::string> pictures;
  std::vector<std::string> folders;
};

/// What lies in a folder itself, in order of name.
Result<Listing> list(const fs::path& folder) {
  Listing listing;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    std::error_code ignored;
    const bool is_folder = it->is_directory(ignored);
    if (is_folder) listing.folders.push_back(it->path().filename().string());
    if (!is_folder && is_picture_name(it->path())) listing.pictures.push_back(it->path().filename().string());
  }
  if (error)
    return fail(ErrorCode::io, fmt::format("cannot read the folder '{}': {}", shown(folder), error.message()), "check its permissions");
  std::sort(listing.pictures.begin(), listing.pictures.end());
  std::sort(listing.folders.begin(), listing.folders.end());
  return listing;
}

bool all_whole(const std::vector<float>& values) {
  return std::all_of(values.begin(), values.end(), [](float v) { return v >= 0.0F && v <= largest_class && v == std::floor(v); });
}

/// The pictures that a table of labels names.
Result<PictureList> from_table(const fs::path& folder, const fs::path& table, std::size_t pictures) {
  const auto rows = read_label_table(table);
  if (!rows) return tl::unexpected(rows.error());
  std::map<std::string, float> sorted;
  for (const LabelRow& row : *rows) sorted[row.file] = row.label;
  PictureList listed;
  listed.labels = Labels{{}, 1, true, table.filename().string()};
  for (const auto& [name, label] : sorted) {
    const fs::path relative = fs::path(name).lexically_normal();
    const bool leads_out = relative.is_absolute() || relative.empty() || *relative.begin() == "..";
    std::error_code error;
    if (leads_out || !fs::is_regular_file(folder / relative, error)) {
      return fail(ErrorCode::bad_input,
                  fmt::format("'{}' gives a label to '{}', which is no file in '{}'", shown(table), printable(name), shown(folder)),
                  "name files relative to the folder of pictures, and leave out lines of files that are gone");
    }
    listed.files.push_back({folder / relative, name});
    listed.labels->values.push_back(label);
  }
  listed.labels->are_classes = all_whole(listed.labels->values);
  listed.left_out = pictures > listed.files.size() ? pictures - listed.files.size() : 0;
  return listed;
}

/// Folders in order of name are classes 0, 1, …; those without pictures count, so that a class does not change its number.
Result<PictureList> from_folders(const fs::path& folder, const std::vector<std::string>& classes) {
  PictureList listed;
  listed.labels = Labels{{}, 1, true, "folders"};
  for (std::size_t label = 0; label < classes.size(); ++label) {
    const auto inner = list(folder / classes[label]);
    if (!inner) return tl::unexpected(inner.error());
    for (const std::string& picture : inner->pictures) {
      listed.files.push_back({folder / classes[label] / picture, classes[label] + "/" + picture});
      listed.labels->values.push_back(static_cast<float>(label));
    }
  }
  return listed;
}

/// "imagenet_00_243.jpg" in parts: what stands before the index, the index, the label. A file that has no index has an empty one.
struct NameParts {
  std::string prefix;
  std::string index;
  std::optional<float> label;
};

NameParts parts_of(const std::string& name) {
  constexpr std::string_view digits = "0123456789";
  const std::string stem = fs::path(name).stem().string();
  const std::size_t last = stem.find_last_of(digits);
  if (last == std::string::npos) return {};
  const std::size_t before = stem.find_last_not_of(digits, last);
  const std::size_t first = before == std::string::npos ? 0 : before + 1;
  NameParts parts;
  std::int64_t label = 0;
  const auto [end, error] = std::from_chars(stem.data() + first, stem.data() + last + 1, label);
  if (error == std::errc{} && static_cast<float>(label) <= largest_class) parts.label = static_cast<float>(label);
  if (before == std::string::npos || last + 1 != stem.size() || (stem[before] != '_' && stem[before] != '-')) return parts;
  const std::size_t index_end = before;  // one past
  const std::size_t index_before = index_end == 0 ? std::string::npos : stem.find_last_not_of(digits, index_end - 1);
  const std::size_t index_first = index_before == std::string::npos ? 0 : index_before + 1;
  parts.index = stem.substr(index_first, index_end - index_first);
  parts.prefix = stem.substr(0, index_first);
  return parts;
}

/// Whether names can hardly be meant otherwise: all PREFIX_INDEX_LABEL with one prefix, each index once, and labels the model knows. The
/// names of a camera (IMG_20260101_0815) are not.
bool are_surely_labels(const std::vector<NameParts>& names, const std::optional<std::int64_t>& classes) {
  std::set<std::string> indices;
  return names.size() > 1 && std::all_of(names.begin(), names.end(), [&](const NameParts& name) {
           return name.label && !name.index.empty() && name.prefix == names.front().prefix && indices.insert(name.index).second &&
                  classes && *name.label < static_cast<float>(*classes);
         });
}

Result<PictureList> from_names(const fs::path& folder, const std::vector<std::string>& pictures, const ReadOptions& options) {
  PictureList listed;
  std::vector<NameParts> names;
  for (const std::string& picture : pictures) {
    listed.files.push_back({folder / picture, picture});
    names.push_back(parts_of(picture));
  }
  const bool asked = options.label_source == LabelSource::file_names;
  if (options.label_source == LabelSource::none || (!asked && !are_surely_labels(names, options.classes))) return listed;
  listed.labels = Labels{{}, 1, true, "file names"};
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (!names[i].label) {
      return fail(ErrorCode::bad_input,
                  fmt::format("the name of '{}' holds no number that could be its label", shown(listed.files[i].file)),
                  "name it like photo_07_243.jpg (the last number is the label), or list labels in labels.csv");
    }
    listed.labels->values.push_back(*names[i].label);
  }
  return listed;
}

Result<PictureList> list_all(const fs::path& folder, const ReadOptions& options) {
  const auto inside = list(folder);
  if (!inside) return tl::unexpected(inside.error());
  const LabelSource source = options.label_source;
  if (source == LabelSource::file) return from_table(folder, options.label_file, inside->pictures.size());
  std::error_code error;
  if (source == LabelSource::automatic && fs::is_regular_file(folder / table_name, error))
    return from_table(folder, folder / table_name, inside->pictures.size());
  const bool may_be_classes = source == LabelSource::automatic && inside->pictures.empty() && !inside->folders.empty();
  if (source == LabelSource::folders || may_be_classes) {
    auto classes = from_folders(folder, inside->folders);
    if (!classes || !classes->files.empty() || source == LabelSource::folders) return classes;
  }
  return from_names(folder, inside->pictures, options);
}

/// Spread evenly over what is there, so that no class is left out for standing last.
void thin_out(PictureList& listed, std::size_t limit) {
  const std::size_t count = listed.files.size();
  if (count <= limit) return;
  for (std::size_t i = 0; i < limit; ++i) {
    const std::size_t from = i * count / limit;
    if (from == i) continue;
    listed.files[i] = std::move(listed.files[from]);
    listed.labels->values[i] = listed.labels->values[from];
  }
  listed.files.resize(limit);
  listed.labels->values.resize(limit);
}

}  // namespace

Result<PictureList> list_pictures(const fs::path& folder, const ReadOptions& options) {
  auto listed = list_all(folder, options);
  if (!listed) return listed;
  if (listed->files.empty()) {
    const auto inside = list(folder);
    const bool has_folders = inside && !inside->folders.empty();
    return fail(ErrorCode::bad_input,
                fmt::format("there is no picture (.jpg, .jpeg, .png) in the folder '{}'{}", shown(folder), has_folders ? " itself" : ""),
                has_folders ? "name one of the folders in it" : "name a folder that holds some");
  }
  if (listed->labels) {
    thin_out(*listed, options.labelled_limit);
  } else {
    listed->files.resize(std::min(listed->files.size(), options.limit));
  }
  return listed;
}

}  // namespace podium::data
