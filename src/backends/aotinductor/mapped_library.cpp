#include "backends/aotinductor/mapped_library.h"

#include <link.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace podium::aotinductor {
namespace {

void release_segment(std::uintptr_t address, std::size_t bytes) {
  const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
  const std::uintptr_t start = address / page * page;
  ::madvise(reinterpret_cast<void*>(start), address + bytes - start, MADV_DONTNEED);
}

/// Only segments that nobody writes: those hold the weights, and what was relocated in the others would be lost.
int visit(dl_phdr_info* library, std::size_t, void* folder) {
  if (!std::string_view(library->dlpi_name).starts_with(*static_cast<const std::string*>(folder))) return 0;
  for (const auto& segment : std::span(library->dlpi_phdr, library->dlpi_phnum)) {
    if (segment.p_type == PT_LOAD && (segment.p_flags & PF_W) == 0) release_segment(library->dlpi_addr + segment.p_vaddr, segment.p_memsz);
  }
  return 0;
}

}  // namespace

void release_pages(const std::filesystem::path& folder) {
  std::string prefix = folder.string() + "/";
  ::dl_iterate_phdr(visit, &prefix);
}

}  // namespace podium::aotinductor
