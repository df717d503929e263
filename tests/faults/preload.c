/* Fails, shortens or kills one file operation of this process, or records them all. Loaded with LD_PRELOAD.
 *
 * Only operations on paths below one folder count, so that libraries may read their own files undisturbed. They are
 * numbered from 0 in the order in which they happen. `faults.py` calls the functions that begin with `faults_`.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

enum kind { OPEN, WRITE, FSYNC, RENAME, MKDIR, UNLINK, RMDIR, TRUNCATE };       /* as in faults.py */
enum action { NOTHING, FAIL_ONCE, FAIL_FROM_HERE_ON, SHORT, KILL };             /* as in faults.py */

static char watched[PATH_MAX];
static size_t watched_length;
static enum action action;
static int number;       /* the errno of a failure */
static long armed, seen; /* the operation that the action is for, and how many there have been */
static int journal = -1; /* a descriptor that gets a record of each operation */
static int fired;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

#define REAL(type, name, ...) \
    static type (*real)(__VA_ARGS__); \
    if (!real) real = (type (*)(__VA_ARGS__))dlsym(RTLD_NEXT, name)

/* Counts from 0 again on paths below `folder`, and does nothing to them yet; "" watches nothing. */
void faults_watch(const char *folder) {
    pthread_mutex_lock(&mutex);
    action = NOTHING, seen = 0, fired = 0, journal = -1;
    watched_length = strlen(folder);
    memcpy(watched, folder, watched_length + 1);
    pthread_mutex_unlock(&mutex);
}

void faults_arm(long operation, int what, int error) { armed = operation, action = what, number = error; }
void faults_record(int descriptor) { journal = descriptor; }
long faults_seen(void) { return seen; }
int faults_fired(void) { return fired; }

static ssize_t real_write(int descriptor, const void *bytes, size_t count) {
    REAL(ssize_t, "write", int, const void *, size_t);
    return real(descriptor, bytes, count);
}

/* The absolute path that a call means, or "" for one that is not watched. */
static const char *place(int folder, const char *path, char *whole) {
    if (!watched_length || !path) return "";
    if (path[0] == '/') {
        snprintf(whole, PATH_MAX, "%s", path);
    } else {
        char link[64], base[PATH_MAX];
        ssize_t length;
        snprintf(link, sizeof link, folder == AT_FDCWD ? "/proc/self/cwd" : "/proc/self/fd/%d", folder);
        if ((length = readlink(link, base, sizeof base - 1)) < 0) return "";
        base[length] = 0;
        if (snprintf(whole, PATH_MAX, "%s/%s", base, path) >= PATH_MAX) return "";
    }
    if (strncmp(whole, watched, watched_length) || (whole[watched_length] && whole[watched_length] != '/')) return "";
    return whole;
}

static const char *place_of(int descriptor, char *whole) {
    char link[64], path[PATH_MAX];
    if (!watched_length) return "";
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return "";
    path[length] = 0;
    return place(AT_FDCWD, path, whole);
}

static void die(void) {
    kill(getpid(), SIGKILL);
    for (;;) pause();
}

/* Counts an operation; gives what shall happen to it. An operation that dies does so here, a write after a half. */
static enum action step(enum kind kind, int needs_space) {
    enum action now = NOTHING;
    pthread_mutex_lock(&mutex);
    if (action != NOTHING && seen == armed) {
        now = action, fired = 1;
    } else if (action == FAIL_FROM_HERE_ON && seen > armed && needs_space) {
        now = FAIL_ONCE;
    }
    seen++;
    pthread_mutex_unlock(&mutex);
    if (now == KILL && kind != WRITE) die();
    if (now == FAIL_FROM_HERE_ON) now = FAIL_ONCE;
    if (now == FAIL_ONCE) errno = number;
    return now;
}

static void record(enum kind kind, const char *path, const char *other, uint64_t offset, const void *bytes, size_t count,
                   int failed) {
    if (journal < 0) return;
    struct { uint32_t kind, path, other, failed; uint64_t offset, count; } head = {
        kind, strlen(path), strlen(other), failed != 0, offset, count};
    int before = errno;
    pthread_mutex_lock(&mutex);
    real_write(journal, &head, sizeof head);
    real_write(journal, path, head.path);
    real_write(journal, other, head.other);
    for (size_t done = 0; done < count;) {
        ssize_t more = real_write(journal, (const char *)bytes + done, count - done);
        if (more <= 0) abort();
        done += more;
    }
    pthread_mutex_unlock(&mutex);
    errno = before;
}

static int open_here(int folder, const char *path, int flags, mode_t mode) {
    REAL(int, "openat64", int, const char *, int, mode_t);
    char whole[PATH_MAX];
    const char *there = place(folder, path, whole);
    if (!*there) return real(folder, path, flags, mode);
    int is_new = (flags & O_CREAT) && faccessat(folder, path, F_OK, AT_SYMLINK_NOFOLLOW);
    if (step(OPEN, is_new) == FAIL_ONCE) return -1;
    int descriptor = real(folder, path, flags, mode);
    record(OPEN, there, is_new ? "made" : (flags & O_TRUNC) ? "emptied" : "opened", 0, "", 0, descriptor < 0);
    return descriptor;
}

static int needs_mode(int flags) { return (flags & O_CREAT) || (flags & O_TMPFILE) == O_TMPFILE; }

#define MODE(last) \
    mode_t mode = 0; \
    if (needs_mode(flags)) { va_list rest; va_start(rest, last); mode = va_arg(rest, int); va_end(rest); }

int open(const char *path, int flags, ...) { MODE(flags) return open_here(AT_FDCWD, path, flags, mode); }
int open64(const char *path, int flags, ...) { MODE(flags) return open_here(AT_FDCWD, path, flags, mode); }
int openat(int folder, const char *path, int flags, ...) { MODE(flags) return open_here(folder, path, flags, mode); }
int openat64(int folder, const char *path, int flags, ...) { MODE(flags) return open_here(folder, path, flags, mode); }
int creat(const char *path, mode_t mode) { return open_here(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode); }
int creat64(const char *path, mode_t mode) { return creat(path, mode); }

/* offset: where the bytes go; -1 for where the descriptor stands. */
static ssize_t write_here(int descriptor, const void *bytes, size_t count, off64_t offset) {
    REAL(ssize_t, "pwrite64", int, const void *, size_t, off64_t);
    char whole[PATH_MAX];
    const char *there = place_of(descriptor, whole);
    if (*there) {
        enum action now = step(WRITE, 1);
        if (now == FAIL_ONCE) return -1;
        if ((now == SHORT || now == KILL) && count > 1) count /= 2;
        ssize_t written = offset < 0 ? real_write(descriptor, bytes, count) : real(descriptor, bytes, count, offset);
        if (now == KILL) die();
        if (offset < 0 && written > 0) offset = lseek64(descriptor, 0, SEEK_CUR) - written;
        record(WRITE, there, "", offset, bytes, written < 0 ? 0 : written, written < 0);
        return written;
    }
    return offset < 0 ? real_write(descriptor, bytes, count) : real(descriptor, bytes, count, offset);
}

ssize_t write(int descriptor, const void *bytes, size_t count) { return write_here(descriptor, bytes, count, -1); }
ssize_t pwrite(int d, const void *bytes, size_t count, off_t offset) { return write_here(d, bytes, count, offset); }
ssize_t pwrite64(int d, const void *bytes, size_t count, off64_t offset) { return write_here(d, bytes, count, offset); }

ssize_t writev(int descriptor, const struct iovec *pieces, int count) {
    REAL(ssize_t, "writev", int, const struct iovec *, int);
    char whole[PATH_MAX];
    if (!*place_of(descriptor, whole)) return real(descriptor, pieces, count);
    ssize_t all = 0;
    for (int k = 0; k < count; k++) {
        ssize_t written = write_here(descriptor, pieces[k].iov_base, pieces[k].iov_len, -1);
        if (written < 0) return all ? all : -1;
        all += written;
        if ((size_t)written < pieces[k].iov_len) break;
    }
    return all;
}

static int sync_here(int descriptor, const char *name) {
    int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
    char whole[PATH_MAX];
    const char *there = place_of(descriptor, whole);
    if (!*there) return real(descriptor);
    if (step(FSYNC, 0) == FAIL_ONCE) return -1;
    int answer = real(descriptor);
    record(FSYNC, there, "", 0, "", 0, answer);
    return answer;
}

int fsync(int descriptor) { return sync_here(descriptor, "fsync"); }
int fdatasync(int descriptor) { return sync_here(descriptor, "fdatasync"); }

static int rename_here(int from, const char *old, int to, const char *new, unsigned flags) {
    REAL(int, "renameat2", int, const char *, int, const char *, unsigned);
    char first[PATH_MAX], second[PATH_MAX];
    const char *there = place(from, old, first), *then = place(to, new, second);
    if (!*there && !*then) return real(from, old, to, new, flags);
    if (step(RENAME, 0) == FAIL_ONCE) return -1;
    int answer = real(from, old, to, new, flags);
    record(RENAME, there, then, 0, "", 0, answer);
    return answer;
}

int rename(const char *old, const char *new) { return rename_here(AT_FDCWD, old, AT_FDCWD, new, 0); }
int renameat(int from, const char *old, int to, const char *new) { return rename_here(from, old, to, new, 0); }
int renameat2(int from, const char *old, int to, const char *new, unsigned flags) {
    return rename_here(from, old, to, new, flags);
}

static int mkdir_here(int folder, const char *path, mode_t mode) {
    REAL(int, "mkdirat", int, const char *, mode_t);
    char whole[PATH_MAX];
    const char *there = place(folder, path, whole);
    if (!*there) return real(folder, path, mode);
    if (step(MKDIR, 1) == FAIL_ONCE) return -1;
    int answer = real(folder, path, mode);
    record(MKDIR, there, "", 0, "", 0, answer);
    return answer;
}

int mkdir(const char *path, mode_t mode) { return mkdir_here(AT_FDCWD, path, mode); }
int mkdirat(int folder, const char *path, mode_t mode) { return mkdir_here(folder, path, mode); }

static int unlink_here(int folder, const char *path, int flags) {
    REAL(int, "unlinkat", int, const char *, int);
    char whole[PATH_MAX];
    const char *there = place(folder, path, whole);
    enum kind kind = flags & AT_REMOVEDIR ? RMDIR : UNLINK;
    if (!*there) return real(folder, path, flags);
    if (step(kind, 0) == FAIL_ONCE) return -1;
    int answer = real(folder, path, flags);
    record(kind, there, "", 0, "", 0, answer);
    return answer;
}

int unlink(const char *path) { return unlink_here(AT_FDCWD, path, 0); }
int rmdir(const char *path) { return unlink_here(AT_FDCWD, path, AT_REMOVEDIR); }
int unlinkat(int folder, const char *path, int flags) { return unlink_here(folder, path, flags); }

static int truncate_here(int descriptor, off64_t length) {
    REAL(int, "ftruncate64", int, off64_t);
    char whole[PATH_MAX];
    const char *there = place_of(descriptor, whole);
    if (!*there) return real(descriptor, length);
    if (step(TRUNCATE, 0) == FAIL_ONCE) return -1;
    int answer = real(descriptor, length);
    record(TRUNCATE, there, "", length, "", 0, answer);
    return answer;
}

int ftruncate(int descriptor, off_t length) { return truncate_here(descriptor, length); }
int ftruncate64(int descriptor, off64_t length) { return truncate_here(descriptor, length); }
