#include "backends/aotinductor/audit.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>

#include "backends/aotinductor/element_types.h"
#include "backends/api/audit_words.h"
#include "core/text.h"

namespace podium::aotinductor {
namespace {

constexpr std::string_view torch_call = "aoti_torch_cpu_";
constexpr std::string_view kernel_call = "cpp_";
constexpr std::string_view proxy_call = "aoti_torch_proxy_executor_call_function";
constexpr std::string_view type_token = "cached_torch_dtype_";
constexpr const char* own_operators = "ATen";

bool is_name_part(char letter) {
  return std::isalnum(static_cast<unsigned char>(letter)) != 0 || letter == '_';
}

/// The identifier at `start`.
std::string_view word_at(std::string_view text, std::size_t start) {
  std::size_t end = start;
  while (end < text.size() && is_name_part(text[end])) ++end;
  return text.substr(start, end - start);
}

/// The name of the operator or kernel that a line calls; empty where it calls none.
std::string_view called(std::string_view line) {
  for (const std::string_view prefix : {torch_call, kernel_call, proxy_call}) {
    for (std::size_t at = line.find(prefix); at != std::string_view::npos; at = line.find(prefix, at + 1)) {
      const std::string_view name = word_at(line, at);
      const bool whole_word = at == 0 || !is_name_part(line[at - 1]);
      if (whole_word && at + name.size() < line.size() && line[at + name.size()] == '(') return name;
    }
  }
  return {};
}

std::string provider_of(std::string_view name) {
  struct Row {
    std::string_view sign;
    const char* provider;
  };
  static constexpr std::array<Row, 6> table{{{"mkldnn", "oneDNN"},
                                             {"onednn", "oneDNN"},
                                             {"_linear_pointwise", "oneDNN"},
                                             {"_qconv", "oneDNN"},
                                             {"_qlinear", "oneDNN"},
                                             {"_mkl_linear", "MKL"}}};
  if (name.starts_with(kernel_call)) return "Inductor";
  const auto* const row =
      std::find_if(table.begin(), table.end(), [&](const Row& it) { return name.find(it.sign) != std::string_view::npos; });
  return row == table.end() ? own_operators : row->provider;
}

/// The type of a generated kernel's first pointer: "(const float*)(…" → "float".
std::string_view pointer_type(std::string_view line) {
  const std::size_t star = line.find("*)(");
  if (star == std::string_view::npos) return {};
  std::size_t start = star;
  while (start > 0 && is_name_part(line[start - 1])) --start;
  return line.substr(start, star - start);
}

std::string_view last_allocated_type(std::string_view line) {
  const std::size_t at = line.rfind(type_token);
  return at == std::string_view::npos ? std::string_view{} : word_at(line, at + type_token.size());
}

/// Calls that do the model's arithmetic. Generated kernels are not among them: Inductor writes loops, and leaves products to libraries.
bool is_arithmetic(std::string_view name) {
  static constexpr std::array<std::string_view, 7> signs{"conv", "linear", "mm_out", "attention", "lstm", "gru", "mkldnn_rnn"};
  if (name.starts_with(kernel_call)) return false;
  return std::any_of(signs.begin(), signs.end(), [&](std::string_view sign) { return name.find(sign) != std::string_view::npos; });
}

/// Products of int8 values, whatever type the results have.
bool is_int8(std::string_view name) {
  static constexpr std::array<std::string_view, 3> signs{"_qconv", "_qlinear", "_int_mm"};
  return std::any_of(signs.begin(), signs.end(), [&](std::string_view sign) { return name.find(sign) != std::string_view::npos; });
}

/// The type that a call computes in; `made_last` is that of the tensor made before it.
std::string computed_type(std::string_view name, std::string_view line, const std::string& made_last) {
  if (is_int8(name)) return "int8";
  const std::string_view pointer = name.starts_with(kernel_call) ? pointer_type(line) : std::string_view{};
  return pointer.empty() ? made_last : std::string(podium_name(pointer));
}

}  // namespace

Audit audit_source(const std::string& wrapper_source, Precision asked) {
  Audit audit;
  backend::NodesByType arithmetic_types;
  std::int64_t calls = 0;
  std::string type = "unknown";  // of the tensor made last: an operator of PyTorch's reads and writes such
  const std::size_t body = wrapper_source.find("::run_impl(");
  const std::string code = body == std::string::npos ? std::string() : wrapper_source.substr(body);
  for (const std::string& line : split(code, '\n')) {
    if (const std::string_view allocated = last_allocated_type(line); !allocated.empty()) type = podium_name(allocated);
    const std::string_view name = called(line);
    if (name.empty()) continue;
    ++calls;
    ++audit.providers[provider_of(name)];
    const std::string computed = computed_type(name, line, type);
    ++audit.compute_types[computed];
    if (is_arithmetic(name)) ++arithmetic_types[computed];
  }
  if (calls == 0) {
    audit.providers["AOTInductor"] = 1;
    return audit;
  }
  audit.fallback_share = static_cast<double>(audit.providers[own_operators]) / static_cast<double>(calls);
  if (audit.providers[own_operators] == 0) audit.providers.erase(own_operators);
  audit.graph_breaks = 0;  // a package is one graph, or it would not have been exported
  audit.int8_share = backend::int8_share(arithmetic_types);
  audit.other_precision = backend::other_precision(asked, arithmetic_types);
  return audit;
}

}  // namespace podium::aotinductor
