#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "core/text.h"
#include "data/arrays.h"
#include "data/sample_stream.h"
#include "data/zip_archive.h"

namespace podium::data {
namespace {

/// One array of the archive, read sample by sample.
class ArrayStream {
 public:
  ArrayStream(zip_t* archive, const std::filesystem::path& file, WantedInput input)
      : archive_(archive),
        input_(std::move(input)),
        where_(fmt::format("the array '{}' of '{}'", printable(input_.name), printable(file.string()))) {}

  /// Reads the header and one sample, so that an array of another shape or type is found at once.
  Result<void> open() {
    if (auto started = start(); !started) return started;
    Result<std::vector<std::byte>> first = next();
    if (!first) return tl::unexpected(first.error());
    if (is_shared_) shared_ = std::move(*first);
    return {};
  }

  [[nodiscard]] bool is_shared() const noexcept { return is_shared_; }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }

  Result<std::vector<std::byte>> read(std::size_t index) {
    if (is_shared_) return shared_;
    if (index < position_) {
      if (auto started = start(); !started) return tl::unexpected(started.error());
    }
    while (position_ < index) {
      if (auto skipped = next(); !skipped) return skipped;
    }
    return next();
  }

 private:
  Result<void> start() {
    const zip_int64_t place = zip_name_locate(archive_, (input_.name + ".npy").c_str(), ZIP_FL_ENC_RAW);
    member_.reset(place < 0 ? nullptr : zip_fopen_index(archive_, static_cast<zip_uint64_t>(place), 0));
    if (!member_) {
      return fail(ErrorCode::bad_input, fmt::format("cannot read {}: {}", where_, zip_strerror(archive_)),
                  "save it with the input names as keys: numpy.savez(FILE, **{name: array})");
    }
    start_.clear();
    const auto header = read_npy_start([this](std::span<std::byte> bytes) {
      const bool read = reader_of(member_.get())(bytes);
      start_.insert(start_.end(), bytes.begin(), bytes.end());
      return read;
    });
    if (!header) return fail(header.error().code, fmt::format("cannot read {}: {}", where_, header.error().message), header.error().remedy);
    is_shared_ = !input_.has_batch_axis && header->shape == input_.shape;
    size_ = is_shared_ || header->shape.empty() ? 1 : static_cast<std::size_t>(header->shape.front());
    position_ = 0;
    return {};
  }

  /// The array's start and what follows now look like an array that begins with this sample.
  Result<std::vector<std::byte>> next() {
    std::size_t given = 0;
    const ReadExactly read = [this, &given](std::span<std::byte> bytes) {
      const std::size_t again = std::min(bytes.size(), start_.size() - given);
      std::copy_n(start_.begin() + static_cast<std::ptrdiff_t>(given), again, bytes.begin());
      given += again;
      return reader_of(member_.get())(bytes.subspan(again));
    };
    Result<ArraySamples> array = read_array(read, input_, {1}, where_);
    if (!array) return tl::unexpected(array.error());
    ++position_;
    return std::move(array->samples.front());
  }

  zip_t* archive_;
  WantedInput input_;
  std::string where_;
  Member member_;
  std::vector<std::byte> start_;  ///< of the array's file, up to its numbers
  std::size_t size_ = 0;
  std::size_t position_ = 0;  ///< of the next sample
  bool is_shared_ = false;
  std::vector<std::byte> shared_;
};

class NpzStream final : public SampleStream {
 public:
  NpzStream(Archive archive, std::vector<ArrayStream> arrays, std::size_t size)
      : archive_(std::move(archive)), arrays_(std::move(arrays)), size_(size) {}
  [[nodiscard]] std::size_t size() const override { return size_; }
  [[nodiscard]] Result<Sample> read(std::size_t index) override {
    Sample sample;
    for (ArrayStream& array : arrays_) {
      Result<std::vector<std::byte>> bytes = array.read(index);
      if (!bytes) return tl::unexpected(bytes.error());
      sample.push_back(std::move(*bytes));
    }
    return sample;
  }

 private:
  Archive archive_;  ///< first, so that it outlives what is open in it
  std::vector<ArrayStream> arrays_;
  std::size_t size_;
};

/// Of the arrays that are not shared; an error where they differ.
Result<std::size_t> common_size(const std::vector<ArrayStream>& arrays, const std::filesystem::path& file) {
  std::optional<std::size_t> size;
  for (const ArrayStream& array : arrays) {
    if (array.is_shared()) continue;
    if (size && *size != array.size()) {
      return fail(ErrorCode::bad_input,
                  fmt::format("the arrays of '{}' hold {} and {} samples", printable(file.string()), *size, array.size()),
                  "save as many samples of each input");
    }
    size = array.size();
  }
  return size.value_or(1);
}

}  // namespace

Result<std::unique_ptr<SampleStream>> stream_npz(const std::filesystem::path& file, const std::vector<WantedInput>& inputs,
                                                 std::size_t limit) {
  Result<Archive> archive = open_archive(file);
  if (!archive) {
    return fail(ErrorCode::bad_input, fmt::format("cannot read '{}' as a .npz file", printable(file.string())),
                "save it again with numpy.savez");
  }
  std::vector<ArrayStream> arrays;
  for (const WantedInput& input : inputs) {
    if (auto opened = arrays.emplace_back(archive->get(), file, input).open(); !opened) return tl::unexpected(opened.error());
  }
  const Result<std::size_t> size = common_size(arrays, file);
  if (!size) return tl::unexpected(size.error());
  return std::make_unique<NpzStream>(std::move(*archive), std::move(arrays), std::min(*size, limit));
}

}  // namespace podium::data
