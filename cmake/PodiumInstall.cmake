# find_package(podium) after `cmake --install`. The component `runtime` is all that production needs: the shared library, its headers, the
# engines' modules. The component `search` is what programs need besides that search themselves: find_package(podium COMPONENTS search). The
# component `backend` is what a backend outside this repository is built with: find_package(podium COMPONENTS backend).
include(CMakePackageConfigHelpers)
set(podium_package "${CMAKE_INSTALL_LIBDIR}/cmake/podium")

install(TARGETS podium-runtime EXPORT podium-targets
        LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}" COMPONENT runtime NAMELINK_COMPONENT runtime)
foreach(header artifact error options results tensor types)
  install(FILES "${PROJECT_SOURCE_DIR}/include/podium/${header}.h" DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/podium" COMPONENT runtime)
endforeach()
install(EXPORT podium-targets NAMESPACE podium:: DESTINATION "${podium_package}" COMPONENT runtime)

install(TARGETS podium-search EXPORT podium-search-targets
        LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}" COMPONENT search NAMELINK_COMPONENT search)
foreach(header bench calibration cancel doctor inspect optimize report)
  install(FILES "${PROJECT_SOURCE_DIR}/include/podium/${header}.h" DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/podium" COMPONENT search)
endforeach()
install(EXPORT podium-search-targets NAMESPACE podium:: DESTINATION "${podium_package}" COMPONENT search)

# The contract's headers keep the names that sources here include them by, in a folder of their own.
set(podium_backend_headers "${CMAKE_INSTALL_INCLUDEDIR}/podium-backend")
foreach(header backends/api/audit_words backends/api/backend backends/api/device_session backends/api/library_place backends/api/option_trial backends/api/request_check core/quantization_profile core/result core/tensor_view)
  cmake_path(GET header PARENT_PATH folder)
  install(FILES "${PROJECT_SOURCE_DIR}/src/${header}.h" DESTINATION "${podium_backend_headers}/${folder}" COMPONENT backend)
endforeach()
foreach(header error options results types)
  install(FILES "${PROJECT_SOURCE_DIR}/include/podium/${header}.h" DESTINATION "${podium_backend_headers}/podium" COMPONENT backend)
endforeach()
add_library(podium_backend_kit INTERFACE)
target_link_libraries(podium_backend_kit INTERFACE podium_backend_api)
target_include_directories(podium_backend_kit INTERFACE "$<INSTALL_INTERFACE:${podium_backend_headers}>")
target_compile_features(podium_backend_kit INTERFACE cxx_std_20)
set_target_properties(podium_backend_kit PROPERTIES EXPORT_NAME backend)
install(TARGETS podium_backend_kit podium_backend_api podium_core podium_build_flags EXPORT podium-backend-targets
        ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}/podium" COMPONENT backend)
install(EXPORT podium-backend-targets NAMESPACE podium:: DESTINATION "${podium_package}" COMPONENT backend)
install(FILES "${PROJECT_SOURCE_DIR}/cmake/PodiumBackend.cmake" "${PROJECT_SOURCE_DIR}/cmake/backend-module.map" DESTINATION "${podium_package}" COMPONENT backend)
# It writes a module's description.
install(PROGRAMS "$<TARGET_FILE:podium-worker>" DESTINATION "${podium_package}" COMPONENT backend)

set(podium_modules "${CMAKE_INSTALL_LIBDIR}/podium/backends")
configure_package_config_file("${PROJECT_SOURCE_DIR}/cmake/podium-config.cmake.in" "${PROJECT_BINARY_DIR}/podium-config.cmake"
                              INSTALL_DESTINATION "${podium_package}" PATH_VARS podium_modules)
write_basic_package_version_file("${PROJECT_BINARY_DIR}/podium-config-version.cmake" COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/podium-config.cmake" "${PROJECT_BINARY_DIR}/podium-config-version.cmake" DESTINATION "${podium_package}" COMPONENT runtime)
install(FILES "${PROJECT_BINARY_DIR}/podium-config.cmake" "${PROJECT_BINARY_DIR}/podium-config-version.cmake" DESTINATION "${podium_package}" COMPONENT backend)
