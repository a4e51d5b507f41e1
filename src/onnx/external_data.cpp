#include "onnx/external_data.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <optional>
#include <system_error>

#include "core/text.h"
#include "core/unique_fd.h"
#include "onnx/shown_name.h"

namespace podium::onnx {

namespace fs = std::filesystem;

namespace {

constexpr const char* remedy = "put the model's data files beside it, as they were exported";

struct Reference {
  std::string location;
  std::int64_t offset = 0;
  std::optional<std::int64_t> length;
};

std::optional<std::int64_t> byte_count(const std::string& text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0) return std::nullopt;
  return value;
}

Result<Reference> read_reference(const ::onnx::TensorProto& tensor) {
  Reference reference;
  for (const auto& entry : tensor.external_data()) {
    if (entry.key() == "location") reference.location = entry.value();
    if (entry.key() != "offset" && entry.key() != "length") continue;
    const std::optional<std::int64_t> count = byte_count(entry.value());
    if (!count) {
      return fail(ErrorCode::bad_input,
                  fmt::format("the {} of tensor '{}' in its data file is '{}', which is no number of bytes", entry.key(),
                              shown_name(tensor.name()), shown_name(entry.value())),
                  "export or download the model again");
    }
    if (entry.key() == "offset") {
      reference.offset = *count;
    } else {
      reference.length = *count;
    }
  }
  return reference;
}

bool stays_inside(const fs::path& location) {
  return location.is_relative() && std::find(location.begin(), location.end(), "..") == location.end();
}

bool is_below(const fs::path& folder, const fs::path& file) {
  return std::mismatch(folder.begin(), folder.end(), file.begin(), file.end()).first == folder.end();
}

/// 0, or the errno of what was refused.
int read_at(const fs::path& file, std::int64_t offset, std::int64_t bytes, std::string& data) {
  const UniqueFd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd) return errno;
  data.resize(static_cast<std::size_t>(bytes));
  for (std::size_t done = 0; done < data.size();) {
    const ssize_t count = ::pread(fd.get(), data.data() + done, data.size() - done, offset + static_cast<std::int64_t>(done));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return count < 0 ? errno : EIO;  // shorter than it was a moment ago
    done += static_cast<std::size_t>(count);
  }
  return 0;
}

}  // namespace

ExternalData::ExternalData(const fs::path& model) {
  std::error_code error;
  folders_.push_back(fs::canonical(fs::absolute(model, error).parent_path(), error));
  folders_.push_back(fs::canonical(model, error).parent_path());
}

Result<ExternalData::File> ExternalData::find_file(const std::string& location) const {
  const std::string name = shown_name(location);
  const bool has_nul = location.find('\0') != std::string::npos;  // the system's calls would see another name
  if (location.empty() || has_nul || !stays_inside(location)) {
    return fail(ErrorCode::bad_input, fmt::format("the model takes data from outside its own folder: '{}'", name), remedy);
  }
  std::error_code error;
  const fs::path file = fs::canonical(folders_.front() / location, error);
  if (error) return fail(ErrorCode::bad_input, fmt::format("the model's data file '{}' is missing: {}", name, error.message()), remedy);
  const bool inside =
      std::any_of(folders_.begin(), folders_.end(), [&file](const fs::path& folder) { return !folder.empty() && is_below(folder, file); });
  if (!inside)
    return fail(ErrorCode::bad_input, fmt::format("the model's data file '{}' is a link that leaves the model's folder", name), remedy);
  if (!fs::is_regular_file(file, error))
    return fail(ErrorCode::bad_input, fmt::format("the model's data file '{}' is not a regular file", name), remedy);
  const std::uintmax_t size = fs::file_size(file, error);
  if (error) return fail(ErrorCode::io, fmt::format("cannot read the model's data file '{}': {}", name, error.message()), remedy);
  return File{file, static_cast<std::int64_t>(size)};
}

const Result<ExternalData::File>& ExternalData::file_at(const std::string& location) {
  const auto known = files_.find(location);
  if (known != files_.end()) return known->second;
  return files_.emplace(location, find_file(location)).first->second;
}

Result<void> ExternalData::check(const ::onnx::TensorProto& tensor, std::int64_t bytes) {
  const Result<Reference> reference = read_reference(tensor);
  if (!reference) return tl::unexpected(reference.error());
  const Result<File>& file = file_at(reference->location);
  if (!file) return tl::unexpected(file.error());
  const std::int64_t needed = reference->length.value_or(std::max<std::int64_t>(bytes, 0));
  // Subtracted, not added: offset + length may overflow.
  if (reference->offset > file->bytes || needed > file->bytes - reference->offset) {
    return fail(ErrorCode::bad_input,
                fmt::format("the model's data file '{}' has {} bytes, but tensor '{}' takes {} bytes from byte {} on",
                            shown_name(reference->location), file->bytes, shown_name(tensor.name()), needed, reference->offset),
                "the file was cut off, or belongs to another model: export or download both again");
  }
  if (bytes >= 0 && needed != bytes) {
    return fail(ErrorCode::bad_input,
                fmt::format("tensor '{}' needs {} bytes, but its data file gives {}", shown_name(tensor.name()), bytes, needed), remedy);
  }
  return {};
}

Result<void> ExternalData::bring_in(::onnx::TensorProto& tensor, std::int64_t bytes, std::int64_t most_bytes) {
  const Result<Reference> reference = read_reference(tensor);
  if (!reference) return tl::unexpected(reference.error());
  const Result<File>& file = file_at(reference->location);
  if (!file) return tl::unexpected(file.error());
  if (bytes > most_bytes - brought_in_) {
    return fail(
        ErrorCode::bad_input,
        fmt::format("the model's weights take more than the {} that are there for them", human_bytes(static_cast<double>(most_bytes))),
        "convert the model on a machine with more memory");
  }
  brought_in_ += bytes;
  std::string& data = *tensor.mutable_raw_data();
  if (const int error = read_at(file->path, reference->offset, bytes, data); error != 0) {
    return fail(
        ErrorCode::io,
        fmt::format("cannot read the model's data file '{}': {}", shown_name(reference->location), std::generic_category().message(error)),
        remedy);
  }
  tensor.clear_external_data();
  tensor.clear_data_location();
  return {};
}

std::vector<std::string> ExternalData::locations() const {
  std::vector<std::string> names;
  for (const auto& [location, file] : files_) names.push_back(location);
  return names;
}

}  // namespace podium::onnx
