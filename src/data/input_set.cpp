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

Result<std::vector<Sample>> read_npy(const fs::path& file, const std::vector<WantedInput>& inputs, std::size_t limit) {
  if (inputs.size() != 1) {
    return fail(ErrorCode::wrong_use, fmt::format("the model has {} inputs, and '{}' holds one array", inputs.size(), shown(file)),
                "Save all of them with numpy.savez, with the input names as keys.");
  }
  std::ifstream stream(file, std::ios::binary);
  const ReadExactly read = [&stream](std::span<std::byte> bytes) {
    stream.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    return stream.gcount() == static_cast<std::streamsize>(bytes.size());
  };
  Result<ArraySamples> array = read_array(read, inputs.front(), limit, fmt::format("'{}'", shown(file)));
  if (!array) return tl::unexpected(array.error());
  std::vector<ArraySamples> arrays;
  arrays.push_back(std::move(*array));
  return combine(std::move(arrays), inputs, shown(file));
}

std::string first_bytes(const fs::path& file) {
  std::array<char, 8> buffer{};
  std::ifstream stream(file, std::ios::binary);
  stream.read(buffer.data(), buffer.size());
  return {buffer.data(), static_cast<std::size_t>(stream.gcount())};
}

using ReadFile = Result<std::vector<Sample>> (*)(const fs::path&, const std::vector<WantedInput>&, std::size_t);

struct Format {
  std::string_view start;
  ReadFile read;
};

constexpr Format formats[] = {
    {"\x93NUMPY"sv, read_npy}, {"PK\x03\x04"sv, read_npz}, {"PK\x05\x06"sv, read_npz},  // an archive without members
};

Result<std::vector<Sample>> read_file(const fs::path& file, const std::vector<WantedInput>& inputs, std::size_t limit) {
  const std::string start = first_bytes(file);
  for (const Format& format : formats) {
    if (start.starts_with(format.start)) return format.read(file, inputs, limit);
  }
  return fail(ErrorCode::bad_input, fmt::format("'{}' is neither a .npz nor a .npy file", shown(file)),
              "Give --data a folder of pictures, a .npz or a .npy.");
}

}  // namespace

Result<InputSet> read_inputs(const fs::path& path, const std::vector<WantedInput>& inputs, std::size_t limit) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (fs::is_directory(status)) return read_picture_folder(path, inputs, limit);
  if (!fs::exists(status)) {
    return fail(ErrorCode::bad_input, fmt::format("there is no '{}' to take inputs from", shown(path)),
                "Give --data a folder of pictures, a .npz or a .npy.");
  }
  if (!fs::is_regular_file(status))
    return fail(ErrorCode::bad_input, fmt::format("'{}' is not a regular file", shown(path)), "Copy the data to a file first.");
  Result<std::vector<Sample>> samples = read_file(path, inputs, limit);
  if (!samples) return tl::unexpected(samples.error());
  std::string description = fmt::format("{} sample{} from {}", samples->size(), samples->size() == 1 ? "" : "s", shown(path));
  return InputSet{inputs, std::move(*samples), std::move(description), true};
}

}  // namespace podium::data
