#include "data/arrays.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <optional>
#include <type_traits>
#include <utility>

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

/// How the samples lie in the array; nothing where its shape does not fit.
struct Layout {
  std::size_t samples = 1;
  bool shared = false;
};

std::optional<Layout> match(const Shape& array, const WantedInput& input) {
  if (!input.has_batch_axis && array == input.shape) return Layout{1, true};
  const Shape one(input.shape.begin() + (input.has_batch_axis ? 1 : 0), input.shape.end());
  if (array.size() != one.size() + 1 || !std::equal(one.begin(), one.end(), array.begin() + 1)) return std::nullopt;
  return Layout{static_cast<std::size_t>(array.front()), false};
}

}  // namespace

Result<ArraySamples> read_array(const ReadExactly& read, const WantedInput& input, std::size_t limit, const std::string& where) {
  const Result<NpyHeader> header = read_npy_start(read);
  if (!header) return fail(header.error().code, fmt::format("cannot read {}: {}", where, header.error().message), header.error().remedy);
  const Cast cast = find_cast(header->type, input.type);
  if (cast == nullptr) {
    return fail(ErrorCode::bad_input,
                fmt::format("{} is {}, but the model's input '{}' takes {}", where, to_string(header->type), printable(input.name),
                            to_string(input.type)),
                fmt::format("Save array.astype('{}').", to_string(input.type)));
  }
  const std::optional<Layout> layout = match(header->shape, input);
  if (!layout) {
    return fail(ErrorCode::bad_input,
                fmt::format("{} has the shape {}, but the model's input '{}' takes {}", where, to_string(header->shape),
                            printable(input.name), wanted_shape(input)),
                "Save an array whose first axis counts the samples, or name the model's shape with --shape.");
  }
  if (layout->samples == 0) return fail(ErrorCode::bad_input, fmt::format("{} holds no samples", where), "Save at least one sample.");
  ArraySamples array{{}, layout->shared};
  std::vector<std::byte> bytes(element_count(input.shape) * size_of(header->type));
  for (std::size_t i = 0; i < std::min(layout->samples, limit); ++i) {
    if (!read(bytes))
      return fail(ErrorCode::bad_input, fmt::format("{} is cut off in sample {} of {}", where, i + 1, layout->samples),
                  "Save or download it again.");
    if (!cast(bytes, array.samples.emplace_back())) {
      return fail(ErrorCode::bad_input,
                  fmt::format("sample {} of {} holds numbers that do not fit into {}", i + 1, where, to_string(input.type)),
                  "Save smaller numbers.");
    }
  }
  return array;
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
                "Save as many samples of each input.");
  }
  std::vector<Sample> samples(first ? arrays[*first].samples.size() : 1);
  for (ArraySamples& array : arrays) {
    for (std::size_t i = 0; i < samples.size(); ++i)
      samples[i].push_back(array.shared ? array.samples.front() : std::move(array.samples[i]));
  }
  return samples;
}

}  // namespace podium::data
