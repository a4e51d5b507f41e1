#include "data/npz.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <memory>
#include <string>

#include "core/tensor_view.h"
#include "core/text.h"
#include "data/arrays.h"
#include "data/zip_archive.h"

namespace podium::data {

namespace {

std::string shown(const std::filesystem::path& file) {
  return printable(file.string());
}

std::vector<std::string> keys_of(zip_t* archive) {
  std::vector<std::string> keys;
  for (zip_int64_t i = 0; i < zip_get_num_entries(archive, 0); ++i) {
    const char* name = zip_get_name(archive, static_cast<zip_uint64_t>(i), ZIP_FL_ENC_RAW);
    std::string key = name == nullptr ? "" : name;
    if (key.ends_with(".npy")) keys.push_back(key.substr(0, key.size() - 4));
  }
  return keys;
}

tl::unexpected<Error> no_such_key(zip_t* archive, const std::filesystem::path& file, const std::string& name) {
  std::vector<std::string> keys = keys_of(archive);
  const std::string hint = did_you_mean(name, keys);
  constexpr std::size_t shown_keys = 20;
  keys.resize(std::min(keys.size(), shown_keys));
  return fail(ErrorCode::bad_input,
              fmt::format("'{}' has no array for the model's input '{}'{} (it has: {})", shown(file), printable(name), printable(hint),
                          keys.empty() ? "none" : printable(join(keys, ", "))),
              "save it with the input names as keys: numpy.savez(FILE, **{name: array})");
}

/// An opened .npz and what its own keys say.
class Npz {
 public:
  Npz(Archive archive, const std::filesystem::path& file, const std::vector<WantedInput>& inputs)
      : archive_(std::move(archive)), file_(file), inputs_(inputs) {
    masks_ = std::any_of(inputs.begin(), inputs.end(), [](const WantedInput& input) { return is_mask(input); });
  }

  /// Reads `key` with `read(reader, where)`.
  template <typename Read>
  auto with_member(const std::string& key, const Read& read) -> decltype(read(ReadExactly(), std::string())) {
    const zip_int64_t place = locate(key);
    if (place < 0) return no_such_key(archive_.get(), file_, key);
    const std::string where = fmt::format("the array '{}' of '{}'", printable(key), shown(file_));
    const Member member(zip_fopen_index(archive_.get(), static_cast<zip_uint64_t>(place), 0));
    if (!member) {
      return fail(ErrorCode::bad_input, fmt::format("cannot read {}: {}", where, zip_strerror(archive_.get())),
                  "save it again with numpy.savez");
    }
    return read(reader_of(member.get()), where);
  }

  /// Whether the archive has that key, and the model no input of that name.
  bool has_own(const std::string& key) {
    const bool is_input = std::any_of(inputs_.begin(), inputs_.end(), [&](const WantedInput& input) { return input.name == key; });
    return !is_input && locate(key) >= 0;
  }

  Result<void> read_lengths(std::size_t limit) {
    if (!has_own("lengths")) return {};
    auto numbers = with_member("lengths", read_numbers);
    if (!numbers) return tl::unexpected(numbers.error());
    all_samples_ = numbers->values.size();
    if (numbers->header.shape.size() != 1 || all_samples_ == 0) {
      return fail(ErrorCode::bad_input,
                  fmt::format("the array 'lengths' of '{}' has the shape {}", shown(file_), to_string(numbers->header.shape)),
                  "save one length for each sample");
    }
    for (const float value : numbers->values) {
      if (fitting() == limit) break;
      const std::int64_t length = value >= 0.0F ? static_cast<std::int64_t>(std::min(value, most_tokens)) : -1;
      lengths_.push_back(length);
      if (length > room_) ++too_long_;
    }
    return {};
  }

  /// Texts without labels that have more tokens than the inputs take are left out, unless that leaves none: those are refused by name.
  void leave_out_what_is_too_long() {
    for (const WantedInput& input : inputs_) {
      if (input.shape.size() == 2 && input.has_batch_axis) room_ = std::min(room_, input.shape[1]);
    }
  }
  [[nodiscard]] std::size_t too_long() const { return fitting() == 0 ? 0 : too_long_; }

  Result<ArraySamples> read_input(const WantedInput& input, std::size_t limit) {
    const bool is_text = !lengths_.empty() && input.shape.size() == 2 && input.has_batch_axis;
    if (is_text && locate(input.name) < 0) {
      if (is_mask(input)) return mask_for(input);
      if (input.name.find("type") != std::string::npos) return zeros_for(input);
    }
    const Result<ArraySamples> array = with_member(input.name, [&](const ReadExactly& read, const std::string& where) {
      return is_text ? read_ragged(read, input, lengths_, longest_taken(), where) : read_array(read, input, {limit, masks_}, where);
    });
    if (array && !array->shared) all_samples_ = std::max(all_samples_, array->count_in_file);
    return array;
  }

  [[nodiscard]] std::size_t all_samples() const { return all_samples_; }

 private:
  static constexpr float most_tokens = 1e9F;  ///< more than any model's input takes: read_ragged() refuses them by name

  [[nodiscard]] std::size_t fitting() const { return lengths_.size() - too_long_; }
  [[nodiscard]] std::int64_t longest_taken() const { return fitting() == 0 ? std::numeric_limits<std::int64_t>::max() : room_; }

  static bool is_mask(const WantedInput& input) { return input.name.find("mask") != std::string::npos; }
  [[nodiscard]] zip_int64_t locate(const std::string& key) const {
    return zip_name_locate(archive_.get(), (key + ".npy").c_str(), ZIP_FL_ENC_RAW);
  }

  ArraySamples zeros_for(const WantedInput& input) const {
    const std::vector<std::byte> zeros(element_count(input.shape) * size_of(input.type));
    return {std::vector<std::vector<std::byte>>(lengths_.size() - too_long(), zeros), all_samples_ - too_long(), false};
  }

  /// 1 for each token, 0 for what was filled up.
  [[nodiscard]] Result<ArraySamples> mask_for(const WantedInput& input) const {
    ArraySamples masks = zeros_for(input);
    const std::size_t width = size_of(input.type);
    const bool is_fraction = input.type == DataType::float32 || input.type == DataType::float64 || input.type == DataType::float16 ||
                             input.type == DataType::bfloat16;
    if (is_fraction) {
      return fail(ErrorCode::bad_input,
                  fmt::format("'{}' has no array for the model's input '{}', which is no mask of whole numbers", shown(file_),
                              printable(input.name)),
                  "save the mask too");
    }
    std::size_t sample = 0;
    for (const std::int64_t length : lengths_) {
      if (length > longest_taken()) continue;
      const std::int64_t tokens = std::clamp<std::int64_t>(length, 0, input.shape[1]);
      for (std::int64_t token = 0; token < tokens; ++token) masks.samples[sample][static_cast<std::size_t>(token) * width] = std::byte{1};
      ++sample;
    }
    return masks;
  }

  Archive archive_;
  const std::filesystem::path& file_;
  const std::vector<WantedInput>& inputs_;
  bool masks_ = false;
  std::vector<std::int64_t> lengths_;
  std::int64_t room_ = std::numeric_limits<std::int64_t>::max();  ///< tokens that a text may have
  std::size_t too_long_ = 0;
  std::size_t all_samples_ = 0;
};

}  // namespace

Result<InputSet> read_npz(const std::filesystem::path& file, const std::vector<WantedInput>& inputs, const ReadOptions& options) {
  Result<Archive> archive = open_archive(file);
  if (!archive) return tl::unexpected(archive.error());
  Npz npz(std::move(*archive), file, inputs);
  const bool has_labels = options.label_source == LabelSource::automatic && npz.has_own("labels");
  const std::size_t limit = has_labels || options.label_source == LabelSource::file ? options.labelled_limit : options.limit;
  if (!has_labels && options.label_source != LabelSource::file) npz.leave_out_what_is_too_long();
  if (auto read = npz.read_lengths(limit); !read) return tl::unexpected(read.error());
  std::vector<ArraySamples> arrays;
  for (const WantedInput& input : inputs) {
    Result<ArraySamples> array = npz.read_input(input, limit);
    if (!array) return tl::unexpected(array.error());
    arrays.push_back(std::move(*array));
  }
  Result<std::vector<Sample>> samples = combine(std::move(arrays), inputs, shown(file));
  if (!samples) return tl::unexpected(samples.error());
  InputSet set{inputs, std::move(*samples), {}, true};
  set.available = npz.all_samples();
  set.too_long = npz.too_long();
  if (!has_labels) return set;
  Result<Labels> labels = npz.with_member("labels", [&](const ReadExactly& read, const std::string& where) {
    return read_numbers(read, where).and_then([&](Numbers numbers) {
      return labels_from(std::move(numbers), set.samples.size(), npz.all_samples(), where);
    });
  });
  if (!labels) return tl::unexpected(labels.error());
  set.labels = std::move(*labels);
  set.labels->source = "labels";
  return set;
}

}  // namespace podium::data
