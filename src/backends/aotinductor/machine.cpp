#include "backends/aotinductor/machine.h"

#include <fmt/format.h>
#include <sys/utsname.h>

#include <array>
#include <string>
#include <string_view>

#include "core/text.h"

namespace podium::aotinductor {
namespace {

constexpr const char* remedy = "compile the model on this machine";

struct Feature {
  std::string_view name;  ///< as PyTorch writes it
  bool (*present)();
};

#ifdef __x86_64__
constexpr std::array<Feature, 3> features{{
    {"AVX2", [] { return __builtin_cpu_supports("avx2") != 0; }},
    {"AVX512", [] { return __builtin_cpu_supports("avx512f") != 0; }},
    {"AVX512_VNNI", [] { return __builtin_cpu_supports("avx512vnni") != 0; }},
}};
#else
constexpr std::array<Feature, 0> features{};
#endif

}  // namespace

Result<void> check_machine(const Metadata& metadata) {
  utsname here{};
  ::uname(&here);
  if (!metadata.machine.empty() && metadata.machine != here.machine) {
    return fail(ErrorCode::unsupported,
                fmt::format("the package was compiled for {}, this machine is {}", printable(metadata.machine), here.machine), remedy);
  }
  for (const std::string& wanted : split(metadata.isa, ' ')) {
    for (const Feature& feature : features) {
      if (feature.name != wanted || feature.present()) continue;
      return fail(ErrorCode::unsupported, fmt::format("the package was compiled for a processor with {}, which this one lacks", wanted),
                  remedy);
    }
  }
  return {};
}

}  // namespace podium::aotinductor
