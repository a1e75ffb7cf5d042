/* SPDX-License-Identifier: Apache-2.0 */
/* The names under which newlib calls the system, in libgloss's place. */
#ifndef INMATES_LIB_SYSCALLS_H
#define INMATES_LIB_SYSCALLS_H

#include <stddef.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/times.h>

int _read(int fd, char *bytes, size_t size);
int _write(int fd, const char *bytes, size_t size);
void *_sbrk(ptrdiff_t bytes);
_Noreturn void _exit(int status);
int _close(int fd);
int _fstat(int fd, struct stat *status);
int _isatty(int fd);
off_t _lseek(int fd, off_t offset, int whence);
int _open(const char *path, int flags, int mode);
int _getpid(void);
int _kill(int pid, int signal);
int _gettimeofday(struct timeval *time, void *zone);
clock_t _times(struct tms *times);

#endif /* INMATES_LIB_SYSCALLS_H */
