#include "onnx/parse.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <limits>
#include <system_error>

#include "core/text.h"
#include "core/unique_fd.h"
#include "onnx/format_guess.h"
#include "onnx/wire_scan.h"

namespace podium::onnx {

namespace fs = std::filesystem;

namespace {

using google::protobuf::io::CodedInputStream;
using google::protobuf::io::FileInputStream;

std::string shown(const fs::path& file) {
  return printable(file.string());
}

tl::unexpected<Error> cannot_read(const fs::path& file, int error) {
  return fail(error == ENOENT || error == ENOTDIR ? ErrorCode::bad_input : ErrorCode::io,
              fmt::format("cannot read the model '{}': {}", shown(file), std::generic_category().message(error)),
              "check the path and its permissions");
}

/// Size of the file, once it is one that can be read.
Result<std::int64_t> checked_size(const fs::path& file, int fd, const ReadLimits& limits) {
  struct stat status {};
  if (::fstat(fd, &status) != 0) return cannot_read(file, errno);
  if (S_ISDIR(status.st_mode))
    return fail(ErrorCode::bad_input, fmt::format("'{}' is a folder, not an ONNX model", shown(file)), "name the .onnx file in it");
  if (!S_ISREG(status.st_mode))
    return fail(ErrorCode::bad_input, fmt::format("'{}' is not a regular file", shown(file)), "copy the model to a file first");
  if (status.st_size == 0)
    return fail(ErrorCode::bad_input, fmt::format("'{}' is empty", shown(file)), "export or download the model again");
  const std::int64_t limit = std::min<std::int64_t>(limits.file_bytes, std::numeric_limits<int>::max());
  if (status.st_size > limit) {
    return fail(ErrorCode::bad_input,
                fmt::format("'{}' has {}, more than the {} that are read", shown(file), human_bytes(static_cast<double>(status.st_size)),
                            human_bytes(static_cast<double>(limit))),
                "save the weights beside the model as external data (onnx.save_model with save_as_external_data=True)");
  }
  return status.st_size;
}

std::string first_bytes(int fd) {
  std::array<char, 256> buffer{};
  const ssize_t count = ::pread(fd, buffer.data(), buffer.size(), 0);
  return {buffer.data(), static_cast<std::size_t>(std::max<ssize_t>(count, 0))};
}

bool parse_from(int fd, const ReadLimits& limits, ::onnx::ModelProto& model) {
  FileInputStream stream(fd);
  CodedInputStream input(&stream);
  input.SetRecursionLimit(message_depth(limits));
  return model.ParseFromCodedStream(&input) && input.ConsumedEntireMessage() && stream.GetErrno() == 0;
}

}  // namespace

Result<std::unique_ptr<::onnx::ModelProto>> parse(const fs::path& file, const ReadLimits& limits) {
  // O_NONBLOCK: opening a pipe that nobody writes to must not hang.
  const UniqueFd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd) return cannot_read(file, errno);
  const Result<std::int64_t> size = checked_size(file, fd.get(), limits);
  if (!size) return tl::unexpected(size.error());
  const auto refuse = [&file, &fd](std::string_view why) { return tl::unexpected(not_onnx(file.string(), first_bytes(fd.get()), why)); };

  const Result<void> scanned = scan(fd.get(), *size, limits);
  if (!scanned) return refuse(scanned.error().message);
  if (::lseek(fd.get(), 0, SEEK_SET) != 0) return cannot_read(file, errno);
  auto model = std::make_unique<::onnx::ModelProto>();
  if (!parse_from(fd.get(), limits, *model)) return refuse("its protobuf is damaged");
  if (!model->has_graph()) return refuse("it holds no graph");
  return model;
}

}  // namespace podium::onnx
