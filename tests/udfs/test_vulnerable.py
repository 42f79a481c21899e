import pytest

from udfs.vulnerable import dangers


@pytest.mark.parametrize(
    ("language", "line", "danger"),
    [
        ("python", 'os.system("rm %s" % path)', "shell_with_data"),
        ("python", 'subprocess.run(f"git log {name}", shell=True)', "shell_with_data"),
        ("typescript", "execSync(`git log ${name}`)", "shell_with_data"),
        ("go", 'exec.Command("sh", "-c", "ls "+dir)', "shell_with_data"),
        ("python", "value = eval(request.args['q'])", "eval_of_input"),
        ("javascript", "eval(location.hash)", "eval_of_input"),
        ("python", "config = yaml.load(text)", "unsafe_load"),
        ("python", "state = pickle.loads(sock.recv(100))", "unsafe_load"),
        ("python", "requests.get(url, verify=False)", "certificate_unchecked"),
        ("go", "TLSClientConfig: &tls.Config{InsecureSkipVerify: true},", "certificate_unchecked"),
        ("javascript", "rejectUnauthorized: false,", "certificate_unchecked"),
        ("python", "hashlib.md5(password.encode())", "weak_password_hash"),
        ("python", "db.execute(\"SELECT a FROM b WHERE c = '%s'\" % name)", "sql_with_data"),
        ("python", 'db.execute(f"delete from b where c = {name}")', "sql_with_data"),
        ("javascript", "db.query(`select a from b where c = ${name}`)", "sql_with_data"),
        ("java", 's.executeQuery("select a from b where c = " + name);', "sql_with_data"),
        ("javascript", "box.innerHTML = params.get('name')", "html_with_data"),
        ("c", "gets(buffer);", "unbounded_copy"),
        ("c", "strcpy(name, argv[1]);", "unbounded_copy"),
        ("python", "path = tempfile.mktemp()", "guessable_file"),
    ],
)
def test_a_line_that_is_dangerous_by_itself_is_named(language: str, line: str, danger: str) -> None:
    assert dangers(language, [line], []) == (danger,)
    assert dangers(language, [], [line]) == ()
    assert dangers(language, [f"  {line}"], [line]) == (), "it was there before"


@pytest.mark.parametrize(
    ("language", "line"),
    [
        ("python", 'subprocess.run(["git", "log", name])'),
        ("python", 'subprocess.run("ls", shell=True)'),
        ("python", "yaml.load(text, Loader=yaml.SafeLoader)"),
        ("python", "model.eval()"),
        ("python", "def get(url, verify=False):"),
        ("python", "hashlib.md5(content).hexdigest()"),
        ("python", 'db.execute("select a from b where c = ?", [name])'),
        ("python", 'db.execute("select * from [{}]".format(table))'),
        ("javascript", "pattern.exec(`a${b}`)"),
        ("javascript", "box.innerHTML = '<b>'"),
        ("javascript", "box.innerHTML = escape(params.name)"),
        ("go", "InsecureSkipVerify: config.Insecure,"),
        ("c", "fgets(buffer, size, file);"),
        ("ruby", 'eval(params["a"])'),
    ],
)
def test_what_is_not_shown_to_be_dangerous_is_let_be(language: str, line: str) -> None:
    assert dangers(language, [line], []) == ()
