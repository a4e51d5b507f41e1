#include "data/input_set.h"

#include <fmt/format.h>

#include <array>
#include <fstream>
#include <string_view>
#include <system_error>

#include "core/text.h"
#include "data/arrays.h"
#include "data/npz.h"
#include "data/picture_folder.h"

namespace podium::data {

namespace fs = std::filesystem;

namespace {

using namespace std::string_view_literals;

std::string shown(const fs::path& path) {
  return printable(path.string());
}

ReadExactly reader_of(std::ifstream& stream) {
  return [&stream](std::span<std::byte> bytes) {
    stream.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    return stream.gcount() == static_cast<std::streamsize>(bytes.size());
  };
}

Result<InputSet> read_npy(const fs::path& file, const std::vector<WantedInput>& inputs, const ReadOptions& options) {
  if (inputs.size() != 1) {
    return fail(ErrorCode::wrong_use, fmt::format("the model has {} inputs, and '{}' holds one array", inputs.size(), shown(file)),
                "save all of them with numpy.savez, with the input names as keys");
  }
  std::ifstream stream(file, std::ios::binary);
  const std::size_t limit = options.label_source == LabelSource::file ? options.labelled_limit : options.limit;
  Result<ArraySamples> array = read_array(reader_of(stream), inputs.front(), {limit, false}, fmt::format("'{}'", shown(file)));
  if (!array) return tl::unexpected(array.error());
  const std::size_t available = array->count_in_file;
  std::vector<ArraySamples> arrays;
  arrays.push_back(std::move(*array));
  Result<std::vector<Sample>> samples = combine(std::move(arrays), inputs, shown(file));
  if (!samples) return tl::unexpected(samples.error());
  InputSet set{inputs, std::move(*samples), {}, true};
  set.available = available;
  return set;
}

std::string first_bytes(const fs::path& file) {
  std::array<char, 8> buffer{};
  std::ifstream stream(file, std::ios::binary);
  stream.read(buffer.data(), buffer.size());
  return {buffer.data(), static_cast<std::size_t>(stream.gcount())};
}

using ReadFile = Result<InputSet> (*)(const fs::path&, const std::vector<WantedInput>&, const ReadOptions&);

struct Format {
  std::string_view start;
  ReadFile read;
};

constexpr Format formats[] = {
    {"\x93NUMPY"sv, read_npy}, {"PK\x03\x04"sv, read_npz}, {"PK\x05\x06"sv, read_npz},  // an archive without members
};

/// Labels of arrays, from a .npy file of their own. Rows past the samples that were read are left out.
Result<void> add_label_file(InputSet& set, const fs::path& file) {
  const std::string where = fmt::format("'{}'", shown(file));
  std::ifstream stream(file, std::ios::binary);
  if (!stream)
    return fail(ErrorCode::bad_input, fmt::format("there is no file {} to take labels from", where), "name a .npy file with --labels");
  auto numbers = read_numbers(reader_of(stream), where);
  if (!numbers) return tl::unexpected(numbers.error());
  auto labels = labels_from(std::move(*numbers), set.samples.size(), set.available, where);
  if (!labels) return tl::unexpected(labels.error());
  set.labels = std::move(*labels);
  set.labels->source = printable(file.filename().string());
  return {};
}

Result<InputSet> read_file(const fs::path& file, const std::vector<WantedInput>& inputs, const ReadOptions& options) {
  if (options.preprocessing) {
    return fail(ErrorCode::wrong_use, fmt::format("a preprocessing is for pictures, and '{}' is a file", shown(file)),
                "leave out --preprocess: arrays are given to the model as they are");
  }
  if (options.label_source == LabelSource::file_names || options.label_source == LabelSource::folders) {
    return fail(ErrorCode::wrong_use, fmt::format("'{}' is a file, so neither file names nor folders can give labels", shown(file)),
                "save them in it with the key 'labels', or give --labels FILE.npy");
  }
  const std::string start = first_bytes(file);
  for (const Format& format : formats) {
    if (!start.starts_with(format.start)) continue;
    Result<InputSet> set = format.read(file, inputs, options);
    if (!set || options.label_source != LabelSource::file) return set;
    if (auto added = add_label_file(*set, options.label_file); !added) return tl::unexpected(added.error());
    return set;
  }
  return fail(ErrorCode::bad_input, fmt::format("'{}' is neither a .npz nor a .npy file", shown(file)),
              "--data and --calibrate take a folder of pictures, a .npz, a .npy or a .txt of a text a line");
}

std::string description_of(const InputSet& set, const fs::path& path) {
  std::string labels = set.labels ? fmt::format(" (labels: {})", set.labels->source) : "";
  if (set.too_long > 0) labels += fmt::format(" ({} longer than the input left out)", set.too_long);
  return fmt::format("{} {}sample{} from {}{}", set.samples.size(), set.labels ? "labelled " : "", set.samples.size() == 1 ? "" : "s",
                     shown(path), labels);
}

}  // namespace

Result<void> check_is_there(const fs::path& path) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (fs::is_directory(status) || fs::is_regular_file(status)) return {};
  if (!fs::exists(status)) {
    return fail(ErrorCode::bad_input, fmt::format("there is no '{}' to take inputs from", shown(path)),
                "--data and --calibrate take a folder of pictures, a .npz, a .npy or a .txt of a text a line");
  }
  return fail(ErrorCode::bad_input, fmt::format("'{}' is not a regular file", shown(path)), "copy the data to a file first");
}

Result<InputSet> read_inputs(const fs::path& path, const std::vector<WantedInput>& inputs, const ReadOptions& options) {
  if (auto there = check_is_there(path); !there) return tl::unexpected(there.error());
  std::error_code error;
  if (fs::is_directory(path, error)) return read_picture_folder(path, inputs, options);
  Result<InputSet> set = read_file(path, inputs, options);
  if (!set) return set;
  set->description = description_of(*set, path);
  for (std::size_t i = 0; i < set->samples.size(); ++i) set->sources.push_back({fmt::format("sample {}", i + 1), {}});
  return set;
}

Result<InputSet> read_inputs(const fs::path& path, const std::vector<WantedInput>& inputs, std::size_t limit) {
  ReadOptions options;
  options.limit = limit;
  options.label_source = LabelSource::none;
  return read_inputs(path, inputs, options);
}

}  // namespace podium::data
