"""A small manual in several languages: the same three pages in each."""

PAGES = {
    "en/backup.md": """# Backups

    A backup is a copy of your files that is kept on another disk. The program makes one every
    night, and you can start one by hand when you are about to change something. Old copies are
    deleted after thirty days, so that the disk does not fill up.
    """,
    "en/storage.md": """# Storage

    When the disk is full, you can enlarge the volume while it is in use. Choose the volume in
    the list, and enter how large it is to be. Larger volumes cost more. A volume that has been
    enlarged cannot be made smaller again.
    """,
    "en/keys.md": """# Keys

    Each user has a key with which the files are encrypted. If you lose the key, nobody can read
    the files again, and that is what it is for. Keys are renewed once a year, and the old ones
    are kept in the safe of the company.
    """,
    "de/backup.md": """# Sicherungen

    Eine Sicherung ist eine Kopie der Dateien, die auf einer anderen Platte liegt. Das Programm
    erstellt jede Nacht eine, und man kann auch von Hand eine anlegen, wenn man etwas ändern
    will. Alte Kopien werden nach dreißig Tagen gelöscht, damit die Platte nicht voll wird.
    """,
    "de/storage.md": """# Speicher

    Wenn die Platte voll ist, kann man das Laufwerk im Betrieb vergrößern. In der Liste wählt man
    das Laufwerk aus und gibt ein, wie groß es werden soll. Größere Laufwerke kosten mehr. Ein
    Laufwerk, das vergrößert wurde, kann nicht wieder verkleinert werden.
    """,
    "de/keys.md": """# Schlüssel

    Jeder Benutzer hat einen Schlüssel, mit dem die Dateien verschlüsselt werden. Wenn man den
    Schlüssel verliert, kann niemand die Dateien mehr lesen, und dafür ist er auch da. Die
    Schlüssel werden einmal im Jahr erneuert, und die alten liegen im Tresor der Firma.
    """,
    "fr/backup.md": """# Sauvegardes

    Une sauvegarde est une copie de vos fichiers qui se trouve sur un autre disque. Le programme
    en fait une chaque nuit, et vous pouvez en lancer une à la main quand vous allez changer
    quelque chose. Les anciennes copies sont supprimées après trente jours.
    """,
    "fr/storage.md": """# Stockage

    Quand le disque est plein, vous pouvez agrandir le volume pendant qu'il est utilisé.
    Choisissez le volume dans la liste et entrez la taille qu'il doit avoir. Les volumes agrandis
    ne peuvent plus être réduits, et ils sont plus chers que les petits.
    """,
    "fr/keys.md": """# Clés

    Chaque utilisateur a une clé avec laquelle les fichiers sont chiffrés. Si vous perdez la clé,
    personne ne peut plus lire les fichiers, et c'est pour cela qu'elle existe. Les clés sont
    renouvelées une fois par an, et les anciennes restent dans le coffre de la société.
    """,
    "es/backup.md": """# Copias de seguridad

    Una copia de seguridad es un duplicado de los archivos que está en otro disco. El programa
    hace una cada noche, y usted puede hacer una a mano cuando va a cambiar algo. Las copias
    viejas se borran después de treinta días para que el disco no se llene.
    """,
    "es/storage.md": """# Almacenamiento

    Cuando el disco está lleno, se puede ampliar el volumen mientras se usa. Elija el volumen en
    la lista y escriba el tamaño que debe tener. Los volúmenes ampliados no se pueden reducir, y
    son más caros que los pequeños.
    """,
    "es/keys.md": """# Claves

    Cada usuario tiene una clave con la que se cifran los archivos. Si se pierde la clave, nadie
    puede leer los archivos, y para eso es. Las claves se renuevan una vez al año, y las viejas
    se guardan en la caja fuerte de la empresa.
    """,
    "ru/backup.md": """# Резервные копии

    Резервная копия это копия файлов, которая лежит на другом диске. Программа делает её каждую
    ночь, но её можно сделать и вручную, когда вы хотите что-то изменить. Старые копии удаляются
    через тридцать дней, так что диск не заполняется.
    """,
    "ru/storage.md": """# Хранилище

    Когда диск заполнен, том можно увеличить во время работы. Выберите том в списке и введите,
    какой размер он должен иметь. Увеличенные тома стоят дороже, и уменьшить их уже нельзя, так
    как это не было предусмотрено.
    """,
    "ru/keys.md": """# Ключи

    У каждого пользователя есть ключ, которым шифруются файлы. Если ключ потерян, то файлы уже
    никто не прочитает, и это так задумано. Ключи обновляются раз в год, а старые ключи лежат в
    сейфе компании, и это не меняется.
    """,
    "ja/backup.md": """# バックアップ

    バックアップは別のディスクに保存されたファイルのコピーです。
    """,
    "ja/keys.md": """# 鍵

    利用者ごとに鍵があり、ファイルは暗号化されます。
    鍵は年に一度更新されます。
    """,
}
ASKED = {
    "How are backups deleted by the program?": "en/backup.md",
    "Which volumes were enlarged?": "en/storage.md",
    "losing a key": "en/keys.md",
    "Wann löscht das Programm eine alte Kopie?": "de/backup.md",
    "Wie vergrößert man die Laufwerke?": "de/storage.md",
    "Welche Datei verschlüsselt der Benutzer?": "de/keys.md",
    "Laufwerken vergrößernd": "de/storage.md",
    "Quand la copie ancienne est-elle supprimée ?": "fr/backup.md",
    "Comment agrandit-on un volume ?": "fr/storage.md",
    "chiffrer un fichier avec la clé": "fr/keys.md",
    "¿Cuándo se borra la copia vieja?": "es/backup.md",
    "¿Cómo ampliar los volúmenes?": "es/storage.md",
    "cifrando archivos": "es/keys.md",
    "Когда удаляется старая копия?": "ru/backup.md",
    "Как увеличить тома?": "ru/storage.md",
    "потерянные ключи": "ru/keys.md",
    "暗号化されたファイル": "ja/keys.md",
}


def manual():
    """Return the pages by path."""
    return {path: text.replace("\n    ", "\n") for path, text in PAGES.items()}
