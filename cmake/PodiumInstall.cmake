# find_package(podium) after `cmake --install`. The component `runtime` is all that production needs: the shared library, its headers, the
# engines' modules.
include(CMakePackageConfigHelpers)
set(podium_package "${CMAKE_INSTALL_LIBDIR}/cmake/podium")

install(TARGETS podium-runtime EXPORT podium-targets
        LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}" COMPONENT runtime NAMELINK_COMPONENT runtime)
foreach(header artifact error options results tensor types)
  install(FILES "${PROJECT_SOURCE_DIR}/include/podium/${header}.h" DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/podium" COMPONENT runtime)
endforeach()
install(EXPORT podium-targets NAMESPACE podium:: DESTINATION "${podium_package}" COMPONENT runtime)
configure_package_config_file("${PROJECT_SOURCE_DIR}/cmake/podium-config.cmake.in" "${PROJECT_BINARY_DIR}/podium-config.cmake" INSTALL_DESTINATION "${podium_package}")
write_basic_package_version_file("${PROJECT_BINARY_DIR}/podium-config-version.cmake" COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/podium-config.cmake" "${PROJECT_BINARY_DIR}/podium-config-version.cmake" DESTINATION "${podium_package}" COMPONENT runtime)
