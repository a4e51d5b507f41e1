#pragma once

#include <string_view>

namespace podium::report {

inline constexpr std::string_view schema = "podium.results/1";

/// The schema in codec::Fields. An older file may lack keys, and a newer one have more.
struct ResultsSchema {
  static constexpr bool every_key_is_there = false;
};

}  // namespace podium::report
