#pragma once

#include "import/model_source.h"

namespace podium::import {

/// A .pt2 file that holds an exported program.
[[nodiscard]] ImportedSource import_exported_program(const ImportContext& context);

}  // namespace podium::import
