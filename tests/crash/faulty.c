/* Preloaded: the n-th system call that writes to a file of the database fails, once. The test sets n. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

int maild_calls_left = -1; /* -1: none fails */
int maild_error = EIO;
int maild_met = 0;

static int is_ours(int fd) {
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return strstr(path, "maild.db") != NULL;
}

static int fails(int fd) {
    if (maild_calls_left < 0 || !is_ours(fd)) return 0;
    if (maild_calls_left-- > 0) return 0;
    maild_met++;
    errno = maild_error;
    return 1;
}

#define REAL(name) \
    static __typeof__(name) *real; \
    if (!real) real = (__typeof__(name) *)dlsym(RTLD_NEXT, #name)

ssize_t write(int fd, const void *octets, size_t count) {
    REAL(write);
    return fails(fd) ? -1 : real(fd, octets, count);
}

ssize_t pwrite(int fd, const void *octets, size_t count, off_t at) {
    REAL(pwrite);
    return fails(fd) ? -1 : real(fd, octets, count, at);
}

ssize_t pwrite64(int fd, const void *octets, size_t count, off64_t at) {
    REAL(pwrite64);
    return fails(fd) ? -1 : real(fd, octets, count, at);
}

int fsync(int fd) {
    REAL(fsync);
    return fails(fd) ? -1 : real(fd);
}

int fdatasync(int fd) {
    REAL(fdatasync);
    return fails(fd) ? -1 : real(fd);
}

int ftruncate(int fd, off_t length) {
    REAL(ftruncate);
    return fails(fd) ? -1 : real(fd, length);
}

int ftruncate64(int fd, off64_t length) {
    REAL(ftruncate64);
    return fails(fd) ? -1 : real(fd, length);
}
