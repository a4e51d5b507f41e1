#pragma once

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>

#include <string>

#include "podium/tensor.h"

namespace podium::python {

/// Any array with DLPack or the buffer protocol, contiguous, on any device.
using Array = nanobind::ndarray<nanobind::ro, nanobind::c_contig>;

/// Sees the array's memory; the array must live as long. Throws Exception (wrong_use) for element types that Podium has none of.
[[nodiscard]] Tensor view_of(const std::string& name, const Array& array);

/// The tensor's own memory as an array of NumPy or of PyTorch, which keeps it. NumPy has no bfloat16: it gets the bits as uint16.
[[nodiscard]] nanobind::object to_numpy(Tensor tensor);
[[nodiscard]] nanobind::object to_torch(Tensor tensor);

}  // namespace podium::python
