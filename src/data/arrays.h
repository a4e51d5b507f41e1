#pragma once

#include <string>
#include <vector>

#include "data/input_set.h"
#include "data/npy.h"

namespace podium::data {

/// The values of one input for some samples.
struct ArraySamples {
  std::vector<std::vector<std::byte>> samples;
  bool shared = false;  ///< one value for all samples: the array has the shape of an input without batch axis
};

/// Reads at most `limit` samples of the array that follows in `read`, in the type the input wants. `where` names the array in errors.
/// Reads no more than it needs, whatever the header claims.
[[nodiscard]] Result<ArraySamples> read_array(const ReadExactly& read, const WantedInput& input, std::size_t limit,
                                              const std::string& where);

/// Puts the inputs' values together; an error where their numbers of samples differ.
[[nodiscard]] Result<std::vector<Sample>> combine(std::vector<ArraySamples> arrays, const std::vector<WantedInput>& inputs,
                                                  const std::string& file);

}  // namespace podium::data
