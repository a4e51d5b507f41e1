#include "data/arrays.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <optional>
#include <type_traits>
#include <utility>

#include "core/numbers.h"
#include "core/tensor_view.h"
#include "core/text.h"

namespace podium::data {

namespace {

/// Converts element by element; false where a number does not fit.
using Cast = bool (*)(const std::vector<std::byte>& from, std::vector<std::byte>& to);

template <typename From, typename To>
bool cast(const std::vector<std::byte>& from, std::vector<std::byte>& to) {
  const std::size_t count = from.size() / sizeof(From);
  to.resize(count * sizeof(To));
  for (std::size_t i = 0; i < count; ++i) {
    From value{};
    std::memcpy(&value, from.data() + i * sizeof(From), sizeof(From));
    if constexpr (std::is_integral_v<From>) {
      if (!std::in_range<To>(value)) return false;
    }
    const To converted = static_cast<To>(value);
    std::memcpy(to.data() + i * sizeof(To), &converted, sizeof(To));
  }
  return true;
}

bool keep(const std::vector<std::byte>& from, std::vector<std::byte>& to) {
  to = from;
  return true;
}

struct KnownCast {
  DataType from;
  DataType to;
  Cast cast;
};

/// Types that NumPy makes by itself and models rarely want.
constexpr KnownCast known_casts[] = {
    {DataType::float64, DataType::float32, cast<double, float>},
    {DataType::int64, DataType::int32, cast<std::int64_t, std::int32_t>},
    {DataType::int32, DataType::int64, cast<std::int32_t, std::int64_t>},
};

Cast find_cast(DataType from, DataType to) {
  if (from == to) return keep;
  const auto* found = std::find_if(std::begin(known_casts), std::end(known_casts),
                                   [from, to](const KnownCast& known) { return known.from == from && known.to == to; });
  return found != std::end(known_casts) ? found->cast : nullptr;
}

/// The wanted shape with a free number of samples before it: "Nx3x224x224".
std::string wanted_shape(const WantedInput& input) {
  const Shape rest(input.shape.begin() + (input.has_batch_axis ? 1 : 0), input.shape.end());
  return rest.empty() ? "N" : "Nx" + to_string(rest);
}

bool holds_whole_numbers(DataType type) {
  constexpr DataType wide[] = {DataType::int32, DataType::int64, DataType::uint32, DataType::uint64};
  return std::find(std::begin(wide), std::end(wide), type) != std::end(wide);
}

/// How the samples lie in the array; nothing where its shape does not fit.
struct Layout {
  std::size_t samples = 1;
  bool shared = false;
  std::size_t elements = 0;  ///< of one sample, before any padding
};

std::optional<Layout> match(const Shape& array, const WantedInput& input, bool may_pad) {
  const std::size_t elements = element_count(input.shape);
  if (!input.has_batch_axis && array == input.shape) return Layout{1, true, elements};
  const Shape one(input.shape.begin() + (input.has_batch_axis ? 1 : 0), input.shape.end());
  if (array.size() != one.size() + 1) return std::nullopt;
  const auto samples = static_cast<std::size_t>(array.front());
  if (std::equal(one.begin(), one.end(), array.begin() + 1)) return Layout{samples, false, elements};
  const bool is_short = may_pad && one.size() == 1 && holds_whole_numbers(input.type) && array[1] > 0 && array[1] < one[0];
  return is_short ? std::optional(Layout{samples, false, static_cast<std::size_t>(array[1])}) : std::nullopt;
}

/// Whether each sample is a batch of its own, as loaders of training data yield them.
bool holds_batches(const Shape& array, const WantedInput& input) {
  const Shape one(input.shape.begin() + (input.has_batch_axis ? 1 : 0), input.shape.end());
  return array.size() == one.size() + 2 && std::equal(one.begin(), one.end(), array.begin() + 2);
}

Result<NpyHeader> read_header(const ReadExactly& read, const std::string& where) {
  Result<NpyHeader> header = read_npy_start(read);
  if (header) return header;
  return fail(header.error().code, fmt::format("cannot read {}: {}", where, header.error().message), header.error().remedy);
}

Result<Cast> cast_for(const NpyHeader& header, const WantedInput& input, const std::string& where) {
  if (const Cast cast = find_cast(header.type, input.type)) return cast;
  return fail(ErrorCode::bad_input,
              fmt::format("{} is {}, but the model's input '{}' takes {}", where, to_string(header.type), printable(input.name),
                          to_string(input.type)),
              fmt::format("save array.astype('{}')", to_string(input.type)));
}

tl::unexpected<Error> cut_off(const std::string& where, std::size_t number, std::size_t samples) {
  return fail(ErrorCode::bad_input, fmt::format("{} is cut off in sample {} of {}", where, number, samples), "save or download it again");
}

/// Reads past so many bytes, with little memory: the number may be a lie.
bool skip(const ReadExactly& read, std::size_t bytes) {
  std::vector<std::byte> buffer(std::min<std::size_t>(bytes, std::size_t{1} << 16));
  for (std::size_t left = bytes; left > 0; left -= buffer.size()) {
    buffer.resize(std::min(left, buffer.size()));
    if (!read(buffer)) return false;
  }
  return true;
}

/// One sample of that many elements, cast and filled up with zeros. `number` counts from 1.
Result<std::vector<std::byte>> read_one(const ReadExactly& read, const NpyHeader& header, Cast cast, const WantedInput& input,
                                        std::size_t elements, const std::string& where, std::size_t number, std::size_t samples) {
  std::vector<std::byte> bytes(elements * size_of(header.type));
  if (!read(bytes)) return cut_off(where, number, samples);
  std::vector<std::byte> sample;
  if (!cast(bytes, sample)) {
    return fail(ErrorCode::bad_input,
                fmt::format("sample {} of {} holds numbers that do not fit into {}", number, where, to_string(input.type)),
                "save smaller numbers");
  }
  sample.resize(element_count(input.shape) * size_of(input.type));
  return sample;
}

}  // namespace

Result<ArraySamples> read_array(const ReadExactly& read, const WantedInput& input, const ArrayRules& rules, const std::string& where) {
  const Result<NpyHeader> header = read_header(read, where);
  if (!header) return tl::unexpected(header.error());
  const Result<Cast> cast = cast_for(*header, input, where);
  if (!cast) return tl::unexpected(cast.error());
  const std::optional<Layout> layout = match(header->shape, input, rules.may_pad);
  if (!layout) {
    return fail(ErrorCode::bad_input,
                fmt::format("{} has the shape {}, but the model's input '{}' takes {}", where, to_string(header->shape),
                            printable(input.name), wanted_shape(input)),
                holds_batches(header->shape, input)
                    ? "leave out the batch axis of each sample: the first axis counts the samples, and the others are the input's"
                    : "save an array whose first axis counts the samples, or name the model's shape with --shape");
  }
  if (layout->samples == 0) return fail(ErrorCode::bad_input, fmt::format("{} holds no samples", where), "save at least one sample");
  ArraySamples array{{}, layout->samples, layout->shared};
  for (std::size_t i = 0; i < std::min(layout->samples, rules.limit); ++i) {
    auto sample = read_one(read, *header, *cast, input, layout->elements, where, i + 1, layout->samples);
    if (!sample) return tl::unexpected(sample.error());
    array.samples.push_back(std::move(*sample));
  }
  return array;
}

Result<ArraySamples> read_ragged(const ReadExactly& read, const WantedInput& input, std::span<const std::int64_t> lengths,
                                 std::int64_t longest, const std::string& where) {
  const Result<NpyHeader> header = read_header(read, where);
  if (!header) return tl::unexpected(header.error());
  const Result<Cast> cast = cast_for(*header, input, where);
  if (!cast) return tl::unexpected(cast.error());
  if (header->shape.size() != 1 || input.shape.size() != 2 || !input.has_batch_axis) {
    return fail(ErrorCode::bad_input,
                fmt::format("{} has the shape {}; with 'lengths' it must have one axis, and the model's input '{}' two", where,
                            to_string(header->shape), printable(input.name)),
                "save the samples one behind the other (numpy.concatenate), or fill them up and leave 'lengths' out");
  }
  ArraySamples array{{}, lengths.size(), false};
  std::size_t number = 0;
  for (const std::int64_t length : lengths) {
    ++number;
    if (length > longest) {
      if (!skip(read, static_cast<std::size_t>(length) * size_of(header->type))) return cut_off(where, number, lengths.size());
      --array.count_in_file;
      continue;
    }
    if (length < 0 || length > input.shape[1]) {
      return fail(ErrorCode::bad_input,
                  fmt::format("sample {} of {} is {} long, and the model's input '{}' takes {}", number, where, length,
                              printable(input.name), input.shape[1]),
                  fmt::format("shorten it, or give the model more room with --shape {}=1x{}", printable(input.name), length));
    }
    auto sample = read_one(read, *header, *cast, input, static_cast<std::size_t>(length), where, number, lengths.size());
    if (!sample) return tl::unexpected(sample.error());
    array.samples.push_back(std::move(*sample));
  }
  return array;
}

Result<Numbers> read_numbers(const ReadExactly& read, const std::string& where) {
  constexpr std::int64_t most_elements = std::int64_t{1} << 26;
  Result<NpyHeader> header = read_header(read, where);
  if (!header) return tl::unexpected(header.error());
  std::int64_t count = 1;
  for (const std::int64_t size : header->shape) {
    if (__builtin_mul_overflow(count, size, &count) || count > most_elements)
      return fail(ErrorCode::bad_input, fmt::format("{} holds too many numbers", where), "save fewer than 67 million");
  }
  std::vector<std::byte> bytes(static_cast<std::size_t>(count) * size_of(header->type));
  if (!read(bytes)) return fail(ErrorCode::bad_input, fmt::format("{} is cut off", where), "save or download it again");
  Numbers numbers{std::move(*header), {}};
  numbers.values = to_floats(bytes.data(), numbers.header.type, static_cast<std::size_t>(count));
  return numbers;
}

Result<Labels> labels_from(Numbers numbers, std::size_t samples, std::size_t all_samples, const std::string& where) {
  const Shape& shape = numbers.header.shape;
  const std::size_t rows = shape.empty() ? 0 : static_cast<std::size_t>(shape.front());
  const bool of_pairs = rows > 0 && rows * 2 == all_samples;
  if (shape.empty() || shape.size() > 2 || numbers.values.empty() || (rows != all_samples && !of_pairs)) {
    return fail(ErrorCode::bad_input, fmt::format("{} has the shape {}, and there are {} samples", where, to_string(shape), all_samples),
                "save a label for each sample, or one for each two where samples are pairs");
  }
  Labels labels{std::move(numbers.values), shape.size() == 2 ? static_cast<std::size_t>(shape[1]) : 1, true, where};
  constexpr DataType fractions[] = {DataType::float32, DataType::float64, DataType::float16, DataType::bfloat16};
  const bool is_whole = std::find(std::begin(fractions), std::end(fractions), numbers.header.type) == std::end(fractions);
  labels.are_classes = is_whole && !of_pairs && labels.width == 1;
  for (const float value : labels.values) {
    if (labels.are_classes && value < 0.0F)
      return fail(ErrorCode::bad_input, fmt::format("{} holds {}, and classes are counted from 0", where, value),
                  "save the numbers of classes");
  }
  labels.values.resize((of_pairs ? samples / 2 : samples) * labels.width);
  return labels;
}

Result<std::vector<Sample>> combine(std::vector<ArraySamples> arrays, const std::vector<WantedInput>& inputs, const std::string& file) {
  std::optional<std::size_t> first;  // input that says how many samples there are
  for (std::size_t i = 0; i < arrays.size(); ++i) {
    if (arrays[i].shared) continue;
    if (!first) first = i;
    if (arrays[i].samples.size() == arrays[*first].samples.size()) continue;
    return fail(ErrorCode::bad_input,
                fmt::format("'{}' has {} samples of '{}', but {} of '{}'", file, arrays[*first].samples.size(),
                            printable(inputs[*first].name), arrays[i].samples.size(), printable(inputs[i].name)),
                "save as many samples of each input");
  }
  std::vector<Sample> samples(first ? arrays[*first].samples.size() : 1);
  for (ArraySamples& array : arrays) {
    for (std::size_t i = 0; i < samples.size(); ++i)
      samples[i].push_back(array.shared ? array.samples.front() : std::move(array.samples[i]));
  }
  return samples;
}

}  // namespace podium::data
