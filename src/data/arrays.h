#pragma once

#include <span>
#include <string>
#include <vector>

#include "data/input_set.h"
#include "data/npy.h"

namespace podium::data {

/// The values of one input for some samples.
struct ArraySamples {
  std::vector<std::vector<std::byte>> samples;
  std::size_t count_in_file = 0;  ///< samples that the array holds, read or not
  bool shared = false;            ///< one value for all samples: the array has the shape of an input without batch axis
};

struct ArrayRules {
  std::size_t limit = 0;  ///< of samples
  bool may_pad = false;   ///< rows of whole numbers that are shorter than the input are filled up with zeros
};

/// Reads the array that follows in `read`, in the type the input wants. `where` names the array in errors. Reads no more than it needs,
/// whatever the header claims.
[[nodiscard]] Result<ArraySamples> read_array(const ReadExactly& read, const WantedInput& input, const ArrayRules& rules,
                                              const std::string& where);

/// Reads samples of different lengths that lie one behind the other in an array of one axis, each filled up with zeros. Those that are
/// longer than `longest` are left out.
[[nodiscard]] Result<ArraySamples> read_ragged(const ReadExactly& read, const WantedInput& input, std::span<const std::int64_t> lengths,
                                               std::int64_t longest, const std::string& where);

/// Numbers of any type and shape, of at most 2^26 elements.
struct Numbers {
  NpyHeader header;
  std::vector<float> values;
};
[[nodiscard]] Result<Numbers> read_numbers(const ReadExactly& read, const std::string& where);

/// Labels as an array gives them: a row for each sample, or for each two; one axis, or two where a row has several values. Whole numbers,
/// one a sample, are classes. Rows past the samples that were read are left out; `all_samples` counts those of the file.
[[nodiscard]] Result<Labels> labels_from(Numbers numbers, std::size_t samples, std::size_t all_samples, const std::string& where);

/// Puts the inputs' values together; an error where their numbers of samples differ.
[[nodiscard]] Result<std::vector<Sample>> combine(std::vector<ArraySamples> arrays, const std::vector<WantedInput>& inputs,
                                                  const std::string& file);

}  // namespace podium::data
